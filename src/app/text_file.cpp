#include "app/text_file.hpp"

#include "app/document.hpp"

#include <cerrno>
#include <fstream>
#include <system_error>

namespace gw::app {

Result<std::string> read_text_file(const std::string& name) {
    errno = 0;
    std::ifstream in(name, std::ios::binary);
    std::string text(file_bytes_max + 1, '\0');
    if (in) in.read(text.data(), static_cast<std::streamsize>(text.size()));
    // Reading less than asked for sets failbit and eofbit; a folder can be opened but not read.
    if (in.bad() || (!in && !in.eof())) {
        const auto reason = std::generic_category().message(errno != 0 ? errno : EIO);
        return fail(Errc::not_found, name + " cannot be read: " + reason);
    }
    text.resize(static_cast<std::size_t>(in.gcount()));
    if (text.size() > file_bytes_max) {
        return fail(Errc::payload_too_large, name + " is larger than 1 MiB");
    }
    return text;
}

}  // namespace gw::app
