#include "support/certificate.hpp"

#include <openssl/asn1.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <cstdio>
#include <cstdlib>
#include <memory>
#include <stdexcept>

namespace gw::test {

namespace {

void check(bool is_good) {
    if (!is_good) throw std::runtime_error("cannot make a certificate");
}

using File = std::unique_ptr<std::FILE, decltype(&std::fclose)>;

File open_file(const std::string& path) {
    File file(std::fopen(path.c_str(), "w"), &std::fclose);
    check(file != nullptr);
    return file;
}

void add_extension(X509* certificate, int kind, const std::string& value) {
    X509V3_CTX context;
    X509V3_set_ctx(&context, certificate, certificate, nullptr, nullptr, 0);
    auto* extension = X509V3_EXT_conf_nid(nullptr, &context, kind, value.c_str());
    check(extension != nullptr && X509_add_ext(certificate, extension, -1) == 1);
    X509_EXTENSION_free(extension);
}

bool is_numeric(const std::string& host) {
    return host.find_first_not_of("0123456789.") == std::string::npos;
}

}  // namespace

TemporaryFolder::TemporaryFolder() {
    auto name = (std::filesystem::temp_directory_path() / "bascule-XXXXXX").string();
    check(::mkdtemp(name.data()) != nullptr);
    path_ = name;
}

TemporaryFolder::~TemporaryFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
}

void write_certificate(
    const std::string& host, const std::string& certificate_file, const std::string& key_file
) {
    const std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key(
        EVP_EC_gen("P-256"), &EVP_PKEY_free
    );
    const std::unique_ptr<X509, decltype(&X509_free)> certificate(X509_new(), &X509_free);
    auto* raw = certificate.get();
    check(key != nullptr && raw != nullptr);
    X509_set_version(raw, X509_VERSION_3);
    ASN1_INTEGER_set(X509_get_serialNumber(raw), 1);
    X509_gmtime_adj(X509_getm_notBefore(raw), -60);
    X509_gmtime_adj(X509_getm_notAfter(raw), 3600);
    X509_set_pubkey(raw, key.get());
    auto* name = X509_get_subject_name(raw);
    const auto* text = reinterpret_cast<const unsigned char*>(host.c_str());
    X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, text, -1, -1, 0);
    X509_set_issuer_name(raw, name);
    add_extension(raw, NID_basic_constraints, "critical,CA:TRUE");
    add_extension(raw, NID_subject_alt_name, (is_numeric(host) ? "IP:" : "DNS:") + host);
    check(X509_sign(raw, key.get(), EVP_sha256()) > 0);
    check(PEM_write_X509(open_file(certificate_file).get(), raw) == 1);
    const auto key_out = open_file(key_file);
    check(
        PEM_write_PrivateKey(key_out.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr) == 1
    );
}

}  // namespace gw::test
