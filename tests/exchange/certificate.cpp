// SPDX-License-Identifier: MIT
#include "tests/exchange/certificate.hpp"

#include <arpa/inet.h>
#include <openssl/ec.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <stdexcept>

namespace bourse::fake_exchange::test {
namespace {

template <class T, void (*kFree)(T*)>
struct Freed {
  void operator()(T* object) const { kFree(object); }
};
using Certificate = std::unique_ptr<X509, Freed<X509, X509_free>>;
using PrivateKey = std::unique_ptr<EVP_PKEY, Freed<EVP_PKEY, EVP_PKEY_free>>;
using Extension = std::unique_ptr<X509_EXTENSION, Freed<X509_EXTENSION, X509_EXTENSION_free>>;

void need(bool done, const char* what) {
  if (!done) throw std::runtime_error(std::string("a certificate for a test: ") + what);
}

bool is_address(const std::string& name) {
  std::array<unsigned char, sizeof(in6_addr)> bytes{};
  return ::inet_pton(AF_INET, name.c_str(), bytes.data()) == 1 ||
         ::inet_pton(AF_INET6, name.c_str(), bytes.data()) == 1;
}

void extend(X509* certificate, int nid, const std::string& value) {
  const Extension made(X509V3_EXT_conf_nid(nullptr, nullptr, nid, value.c_str()));
  need(made != nullptr && X509_add_ext(certificate, made.get(), -1) == 1, value.c_str());
}

Certificate signed_by_itself(const SelfSigned::Wish& wish, EVP_PKEY* key) {
  using std::chrono::seconds;
  Certificate out(X509_new());
  need(out != nullptr, "memory");
  X509_set_version(out.get(), X509_VERSION_3);
  ASN1_INTEGER_set(X509_get_serialNumber(out.get()), 1);
  X509_gmtime_adj(X509_getm_notBefore(out.get()), seconds(wish.valid_from).count());
  X509_gmtime_adj(X509_getm_notAfter(out.get()), seconds(wish.valid_to).count());
  X509_set_pubkey(out.get(), key);
  X509_NAME* const name = X509_get_subject_name(out.get());
  X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8,
                             reinterpret_cast<const unsigned char*>(wish.name.c_str()), -1, -1, 0);
  X509_set_issuer_name(out.get(), name);
  extend(out.get(), NID_basic_constraints, "critical,CA:TRUE");
  extend(out.get(), NID_subject_alt_name, (is_address(wish.name) ? "IP:" : "DNS:") + wish.name);
  need(X509_sign(out.get(), key, EVP_sha256()) > 0, "signing");
  return out;
}

template <class Write>
void write_file(const std::string& path, const Write& write) {
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen(path.c_str(), "wb"),
                                                             std::fclose);
  need(file != nullptr && write(file.get()) == 1, path.c_str());
}

}  // namespace

SelfSigned::SelfSigned(const Wish& wish) {
  std::string folder = std::filesystem::temp_directory_path() / "bourse-certificate-XXXXXX";
  need(::mkdtemp(folder.data()) != nullptr, "a folder");
  folder_ = folder;
  certificate_ = folder_ + "/certificate.pem";
  key_ = folder_ + "/key.pem";
  const PrivateKey key(EVP_EC_gen("P-256"));
  need(key != nullptr, "a key");
  const Certificate certificate = signed_by_itself(wish, key.get());
  write_file(certificate_, [&](std::FILE* f) { return PEM_write_X509(f, certificate.get()); });
  write_file(key_, [&](std::FILE* f) {
    return PEM_write_PrivateKey(f, key.get(), nullptr, nullptr, 0, nullptr, nullptr);
  });
}

SelfSigned::~SelfSigned() {
  std::error_code ignored;
  std::filesystem::remove_all(folder_, ignored);
}

}  // namespace bourse::fake_exchange::test
