#pragma once

#include <filesystem>
#include <string>

namespace gw::test {

// A folder of its own that goes with the test.
class TemporaryFolder {
public:
    TemporaryFolder();
    TemporaryFolder(const TemporaryFolder&) = delete;
    TemporaryFolder& operator=(const TemporaryFolder&) = delete;
    ~TemporaryFolder();

    std::string operator/(const std::string& name) const { return (path_ / name).string(); }

private:
    std::filesystem::path path_;
};

// Writes a new key and a certificate for `host`, a name or a numeric address, which it signs
// itself, as PEM. Whoever trusts the certificate file trusts nobody else by it.
void write_certificate(
    const std::string& host, const std::string& certificate_file, const std::string& key_file
);

}  // namespace gw::test
