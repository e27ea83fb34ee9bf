#include "certificates.h"

#include <array>
#include <memory>

#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

namespace tiercel::support {

namespace {

std::string text_of(BIO* bio) {
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio, &data);
  return {data, static_cast<std::size_t>(size)};
}

void add_extension(X509* certificate, int kind, const char* value) {
  X509V3_CTX context;
  X509V3_set_ctx_nodb(&context);
  X509V3_set_ctx(&context, certificate, certificate, nullptr, nullptr, 0);
  X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, &context, kind, value);
  X509_add_ext(certificate, extension, -1);
  X509_EXTENSION_free(extension);
}

using Key = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;

Key read_key(const std::string& text) {
  const std::unique_ptr<BIO, decltype(&BIO_free)> bio(
      BIO_new_mem_buf(text.data(), static_cast<int>(text.size())), &BIO_free);
  return {PEM_read_bio_PrivateKey(bio.get(), nullptr, nullptr, nullptr), &EVP_PKEY_free};
}

std::string text_of(const Key& key) {
  const std::unique_ptr<BIO, decltype(&BIO_free)> out(BIO_new(BIO_s_mem()), &BIO_free);
  PEM_write_bio_PrivateKey(out.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr);
  return text_of(out.get());
}

// The issuer's name and key.
Key sign_as(const Certificate& issuer, X509* certificate) {
  const std::unique_ptr<BIO, decltype(&BIO_free)> bio(
      BIO_new_mem_buf(issuer.certificate.data(), static_cast<int>(issuer.certificate.size())),
      &BIO_free);
  const std::unique_ptr<X509, decltype(&X509_free)> of_issuer(
      PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr), &X509_free);
  X509_set_issuer_name(certificate, X509_get_subject_name(of_issuer.get()));
  return read_key(issuer.key);
}

}  // namespace

Certificate make_certificate(const std::string& common_name, std::chrono::seconds good_for,
                             std::chrono::seconds begins) {
  return make_certificate(
      CertificateOptions{.common_name = common_name, .good_for = good_for, .begins = begins});
}

Certificate make_certificate(const CertificateOptions& options) {
  const Key key(EVP_EC_gen("P-256"), &EVP_PKEY_free);
  const std::unique_ptr<X509, decltype(&X509_free)> certificate(X509_new(), &X509_free);
  X509_set_version(certificate.get(), 2);
  ASN1_INTEGER_set(X509_get_serialNumber(certificate.get()), 1);
  X509_gmtime_adj(X509_getm_notBefore(certificate.get()), options.begins.count());
  X509_gmtime_adj(X509_getm_notAfter(certificate.get()), options.good_for.count());
  X509_set_pubkey(certificate.get(), key.get());
  X509_NAME* name = X509_get_subject_name(certificate.get());
  X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC,
                             reinterpret_cast<const unsigned char*>(options.common_name.c_str()),
                             -1, -1, 0);
  X509_set_issuer_name(certificate.get(), name);
  add_extension(certificate.get(), NID_basic_constraints, "critical,CA:TRUE");
  add_extension(certificate.get(), NID_subject_alt_name, "IP:127.0.0.1,DNS:localhost");
  if (!options.usage.empty()) {
    add_extension(certificate.get(), NID_ext_key_usage, options.usage.c_str());
  }
  if (options.issuer == nullptr) {
    X509_sign(certificate.get(), key.get(), EVP_sha256());
  } else {
    X509_sign(certificate.get(), sign_as(*options.issuer, certificate.get()).get(), EVP_sha256());
  }

  const std::unique_ptr<BIO, decltype(&BIO_free)> out(BIO_new(BIO_s_mem()), &BIO_free);
  PEM_write_bio_X509(out.get(), certificate.get());
  return {.certificate = text_of(out.get()), .key = text_of(key)};
}

Certificate with_key_of(const Certificate& shown, const Certificate& held) {
  const Key claimed = read_key(shown.key);
  const Key real = read_key(held.key);
  std::array<unsigned char, 128> point{};
  std::size_t size = 0;
  EVP_PKEY_get_octet_string_param(claimed.get(), OSSL_PKEY_PARAM_PUB_KEY, point.data(),
                                  point.size(), &size);
  BIGNUM* secret = nullptr;
  EVP_PKEY_get_bn_param(real.get(), OSSL_PKEY_PARAM_PRIV_KEY, &secret);
  OSSL_PARAM_BLD* const builder = OSSL_PARAM_BLD_new();
  OSSL_PARAM_BLD_push_utf8_string(builder, OSSL_PKEY_PARAM_GROUP_NAME, "P-256", 0);
  OSSL_PARAM_BLD_push_octet_string(builder, OSSL_PKEY_PARAM_PUB_KEY, point.data(), size);
  OSSL_PARAM_BLD_push_BN(builder, OSSL_PKEY_PARAM_PRIV_KEY, secret);
  OSSL_PARAM* const parameters = OSSL_PARAM_BLD_to_param(builder);
  EVP_PKEY_CTX* const context = EVP_PKEY_CTX_new_from_name(nullptr, "EC", nullptr);
  EVP_PKEY* made = nullptr;
  EVP_PKEY_fromdata_init(context);
  EVP_PKEY_fromdata(context, &made, EVP_PKEY_KEYPAIR, parameters);
  EVP_PKEY_CTX_free(context);
  OSSL_PARAM_free(parameters);
  OSSL_PARAM_BLD_free(builder);
  BN_free(secret);
  return {.certificate = shown.certificate, .key = text_of(Key(made, &EVP_PKEY_free))};
}

}  // namespace tiercel::support
