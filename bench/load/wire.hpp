#pragma once

#include <cstddef>
#include <string>
#include <string_view>

// Loopback sockets and just enough HTTP/1.1 and JSON for a load generator that writes both ends
// itself.
namespace bench {

int listen_on(int port);

// A non-blocking connection; ends the program when there is none to be had.
int dial(int port);

// Writes everything, spinning while the peer's buffer is full.
void send_all(int fd, std::string_view bytes);

// A header's value in `head`, or empty. `name` is in lower case with its colon.
std::string_view header(std::string_view head, std::string_view name);

// Takes one HTTP message, sized or chunked, from the front of `in`; false while it is incomplete.
bool take_message(std::string& in, std::string& head, std::string& body);

// The token of "id" as it stands, or empty.
std::string_view raw_id(std::string_view body);

// Whether `body` has a member "method" with this value.
bool has_method(std::string_view body, std::string_view method);

// A response with a sized body.
std::string response(
    std::string_view content_type, std::string_view extra_headers, std::string_view body
);

}  // namespace bench
