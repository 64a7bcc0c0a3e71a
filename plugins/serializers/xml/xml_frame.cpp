// SPDX-License-Identifier: MIT
//
// The writer fills a buffer in memory, which is handed on after each element. Its callbacks for
// output are not used: a sink may throw, and an exception must not pass through C.
#include "plugins/serializers/xml/xml_frame.hpp"

#include <libxml/entities.h>
#include <libxml/xmlwriter.h>

#include <new>
#include <string>

#include "plugins/serializers/xml/xml_text.hpp"

namespace bourse::xml {
namespace {

/// Everything libxml2 refuses here, it refuses for want of memory: names and order are ours.
void ok(int result) {
  if (result < 0) throw std::bad_alloc();
}

const xmlChar* bytes(const char* text) { return reinterpret_cast<const xmlChar*>(text); }

struct BufferDeleter {
  void operator()(xmlBuffer* buffer) const { xmlBufferFree(buffer); }
};
struct CharactersDeleter {
  void operator()(xmlChar* characters) const { xmlFree(characters); }
};
struct WriterDeleter {
  void operator()(xmlTextWriter* writer) const { xmlFreeTextWriter(writer); }
};

}  // namespace

struct Frame::State {
  std::unique_ptr<xmlBuffer, BufferDeleter> buffer;  // before the writer, which writes to it
  std::unique_ptr<xmlTextWriter, WriterDeleter> writer;

  [[nodiscard]] xmlTextWriter* get() const { return writer.get(); }
};

Frame::Frame(BlockBuffer& out, bool indented) : out_(out), state_(std::make_unique<State>()) {
  state_->buffer.reset(xmlBufferCreate());
  if (!state_->buffer) throw std::bad_alloc();
  state_->writer.reset(xmlNewTextWriterMemory(state_->buffer.get(), 0));
  if (!state_->writer) throw std::bad_alloc();
  // Told the encoding, it leaves the letters of attributes as they are.
  ok(xmlTextWriterStartDocument(state_->get(), nullptr, "UTF-8", nullptr));
  if (indented) {
    ok(xmlTextWriterSetIndent(state_->get(), 1));
    ok(xmlTextWriterSetIndentString(state_->get(), bytes("  ")));
  }
}

Frame::~Frame() = default;

void Frame::start(const char* name) { ok(xmlTextWriterStartElement(state_->get(), bytes(name))); }

void Frame::attribute(const char* name, std::string_view text) {
  const std::string terminated = legal(text).value_or(std::string(text));
  ok(xmlTextWriterWriteAttribute(state_->get(), bytes(name), bytes(terminated.c_str())));
}

void Frame::attribute(const char* name, const char* text) {
  if (text != nullptr) attribute(name, std::string_view(text));
}

void Frame::text(std::string_view text) {
  const std::string terminated = legal(text).value_or(std::string(text));
  // xmlTextWriterWriteString does the same, but leaves a text out for which it has no memory, and
  // says nothing.
  const std::unique_ptr<xmlChar, CharactersDeleter> escaped(
      xmlEncodeSpecialChars(nullptr, bytes(terminated.c_str())));
  if (!escaped) throw std::bad_alloc();
  ok(xmlTextWriterWriteRaw(state_->get(), escaped.get()));
}

void Frame::open() {
  ok(xmlTextWriterWriteRaw(state_->get(), bytes("")));
  drain();
}

void Frame::end() {
  ok(xmlTextWriterEndElement(state_->get()));
  drain();
}

void Frame::drain() {
  ok(xmlTextWriterFlush(state_->get()));
  xmlBuffer* const buffer = state_->buffer.get();
  out_.append(reinterpret_cast<const char*>(xmlBufferContent(buffer)),
              static_cast<std::size_t>(xmlBufferLength(buffer)));
  xmlBufferEmpty(buffer);
}

}  // namespace bourse::xml
