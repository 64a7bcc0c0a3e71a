// SPDX-License-Identifier: MIT
#include "plugins/sources/candle_files/bytes.hpp"

#include <zip.h>
#include <zlib.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>

namespace bourse::candle_files {
namespace {

std::string cannot_be_opened(int error) {
  return std::string("cannot be opened: ") + std::strerror(error);
}

class PlainBytes final : public Bytes {
 public:
  explicit PlainBytes(const std::filesystem::path& file) : stream_(file, std::ios::binary) {
    if (!stream_) throw bad_recording(cannot_be_opened(errno));
  }

 private:
  std::size_t pull(char* into, std::size_t room) override {
    stream_.read(into, static_cast<std::streamsize>(room));
    if (stream_.bad()) throw bad_recording("cannot be read");
    return static_cast<std::size_t>(stream_.gcount());
  }

  std::ifstream stream_;
};

class GzipBytes final : public Bytes {
 public:
  explicit GzipBytes(const std::filesystem::path& file) : file_(::gzopen(file.c_str(), "rb")) {
    if (file_ == nullptr) throw bad_recording(cannot_be_opened(errno));
    constexpr unsigned kBuffer = 128 << 10;
    ::gzbuffer(file_, kBuffer);
    if (::gzdirect(file_) != 0) {  // zlib would hand on anything else as it stands
      ::gzclose(file_);
      throw bad_recording("is not gzip, as its name says");
    }
  }
  ~GzipBytes() override { ::gzclose(file_); }

 private:
  std::size_t pull(char* into, std::size_t room) override {
    const int got = ::gzread(file_, into, static_cast<unsigned>(room));
    int error = Z_OK;
    const char* const text = ::gzerror(file_, &error);
    // A file that is cut off ends without a complaint of gzread.
    if (got < 0 || (got == 0 && error != Z_OK && error != Z_STREAM_END)) {
      throw bad_recording("cannot be unpacked: " + std::string(text));
    }
    return static_cast<std::size_t>(got);
  }

  gzFile file_;
};

class ZipBytes final : public Bytes {
 public:
  explicit ZipBytes(const std::filesystem::path& file) : archive_(open_archive(file)) {
    zip_stat_t stat;
    ::zip_stat_init(&stat);
    const zip_int64_t entries = ::zip_get_num_entries(archive_.get(), 0);
    if (entries != 1) {
      throw bad_recording("is an archive of " + std::to_string(entries) +
                          " files; expected one, as the exchange publishes them. Unpack it.");
    }
    entry_.reset(::zip_fopen_index(archive_.get(), 0, 0));
    if (!entry_) throw cannot_unpack(::zip_strerror(archive_.get()));
  }

 private:
  struct Discard {
    void operator()(zip_t* archive) const noexcept { ::zip_discard(archive); }
  };
  struct Close {
    void operator()(zip_file_t* entry) const noexcept { ::zip_fclose(entry); }
  };
  using Archive = std::unique_ptr<zip_t, Discard>;

  static Error cannot_unpack(const char* reason) {
    return bad_recording("cannot be unpacked: " + std::string(reason));
  }
  static Archive open_archive(const std::filesystem::path& file) {
    int code = 0;
    Archive archive(::zip_open(file.c_str(), ZIP_RDONLY, &code));
    if (archive) return archive;
    zip_error_t error;
    ::zip_error_init_with_code(&error, code);
    Error reason = cannot_unpack(::zip_error_strerror(&error));
    ::zip_error_fini(&error);
    throw reason;
  }
  std::size_t pull(char* into, std::size_t room) override {
    const zip_int64_t got = ::zip_fread(entry_.get(), into, room);
    if (got < 0) throw cannot_unpack(::zip_file_strerror(entry_.get()));
    return static_cast<std::size_t>(got);
  }

  Archive archive_;
  std::unique_ptr<zip_file_t, Close> entry_;  // closed before its archive
};

bool is_packed(std::string_view name) { return name.ends_with(".gz") || name.ends_with(".zip"); }

std::unique_ptr<Bytes> opened(const std::filesystem::path& file) {
  const std::string name = file.filename().string();
  if (name.ends_with(".gz")) return std::make_unique<GzipBytes>(file);
  if (name.ends_with(".zip")) return std::make_unique<ZipBytes>(file);
  return std::make_unique<PlainBytes>(file);
}

}  // namespace

Error bad_recording(const std::string& reason) {
  return Error(BOURSE_UNPROCESSABLE, "bad_recording", reason);
}

std::unique_ptr<Bytes> Bytes::open(const std::filesystem::path& file, ByteLimits limits) {
  if (is_packed(file.filename().string())) {
    constexpr std::uintmax_t kAlways = std::uintmax_t{1} << 20;
    std::error_code error;
    const std::uintmax_t size = std::filesystem::file_size(file, error);
    if (error) throw bad_recording(error.message());
    limits.file = std::min(limits.file, std::max(kAlways, size * kRatioMax));
  }
  auto bytes = opened(file);
  bytes->limits_ = limits;
  return bytes;
}

std::size_t Bytes::read(char* into, std::size_t room) {
  const std::size_t got = pull(into, room);
  if (got > limits_.file) {
    throw bad_recording("holds more bytes, unpacked, than it may: it was given up");
  }
  limits_.file -= got;
  if (limits_.folder != nullptr) {
    if (got > *limits_.folder) {
      throw bad_recording("holds more than what is left of the bytes that a folder may have");
    }
    *limits_.folder -= got;
  }
  return got;
}

std::string read_all(const std::filesystem::path& file, ByteLimits limits) {
  constexpr std::size_t kChunk = std::size_t{1} << 16;
  const auto bytes = Bytes::open(file, limits);
  std::string text;
  std::string chunk(kChunk, '\0');
  while (const std::size_t got = bytes->read(chunk.data(), chunk.size())) {
    text.append(chunk, 0, got);
  }
  return text;
}

std::string unpacked_name(std::string_view name) {
  if (name.ends_with(".gz")) return std::string(name.substr(0, name.size() - 3));
  if (!name.ends_with(".zip")) return std::string(name);
  std::string inner(name.substr(0, name.size() - 4));
  if (!inner.ends_with(".csv") && !inner.ends_with(".json")) inner += ".csv";
  return inner;
}

}  // namespace bourse::candle_files
