// SPDX-License-Identifier: MIT
//
// Certificates for one test run, made by OpenSSL.
#pragma once

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <memory>
#include <string>

#include "tests/plugins/sources/binance/client/raw_server.hpp"

namespace bourse::binance {

struct FreeCertificate {
  void operator()(X509* one) const noexcept { X509_free(one); }
  void operator()(EVP_PKEY* key) const noexcept { EVP_PKEY_free(key); }
  void operator()(BIO* bio) const noexcept { BIO_free(bio); }
};

/// Signs itself. `names` is a subjectAltName such as "DNS:exchange.test" or "IP:127.0.0.1"; "": the
/// certificate has the common name only.
class TestCertificate {
 public:
  explicit TestCertificate(const std::string& names, const std::string& common_name = "Test",
                           long valid_from_s = -3600, long valid_until_s = 3600)
      : key_(EVP_EC_gen("P-256")), certificate_(X509_new()) {
    X509* const x = certificate_.get();
    X509_set_version(x, 2);
    ASN1_INTEGER_set(X509_get_serialNumber(x), 1);
    X509_gmtime_adj(X509_getm_notBefore(x), valid_from_s);
    X509_gmtime_adj(X509_getm_notAfter(x), valid_until_s);
    X509_set_pubkey(x, key_.get());
    X509_NAME* const name = X509_get_subject_name(x);
    X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC,
                               reinterpret_cast<const unsigned char*>(common_name.c_str()), -1, -1,
                               0);
    X509_set_issuer_name(x, name);
    extend(NID_basic_constraints, "critical,CA:TRUE");
    if (!names.empty()) extend(NID_subject_alt_name, names);
    X509_sign(x, key_.get(), EVP_sha256());
  }

  /// What a client trusts.
  [[nodiscard]] std::string pem() const {
    const std::unique_ptr<BIO, FreeCertificate> bio(BIO_new(BIO_s_mem()));
    PEM_write_bio_X509(bio.get(), certificate_.get());
    char* text = nullptr;
    const long size = BIO_get_mem_data(bio.get(), &text);
    return {text, static_cast<std::size_t>(size)};
  }
  /// For a server.
  [[nodiscard]] std::unique_ptr<SSL_CTX, FreeTls> context() const {
    std::unique_ptr<SSL_CTX, FreeTls> made(SSL_CTX_new(TLS_server_method()));
    SSL_CTX_use_certificate(made.get(), certificate_.get());
    SSL_CTX_use_PrivateKey(made.get(), key_.get());
    return made;
  }

 private:
  void extend(int nid, const std::string& value) {
    X509V3_CTX context;
    X509V3_set_ctx_nodb(&context);
    X509V3_set_ctx(&context, certificate_.get(), certificate_.get(), nullptr, nullptr, 0);
    X509_EXTENSION* const extension = X509V3_EXT_conf_nid(nullptr, &context, nid, value.c_str());
    X509_add_ext(certificate_.get(), extension, -1);
    X509_EXTENSION_free(extension);
  }

  std::unique_ptr<EVP_PKEY, FreeCertificate> key_;
  std::unique_ptr<X509, FreeCertificate> certificate_;
};

}  // namespace bourse::binance
