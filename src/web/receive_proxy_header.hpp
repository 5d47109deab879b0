#pragma once

#include "base/error.hpp"
#include "base/task.hpp"
#include "net/byte_stream.hpp"
#include "web/proxy_header.hpp"

namespace gw::web {

// Reads the header with which a connection begins, and nothing behind it. Errc::malformed when that
// is none, or ends too early; Errc::cancelled when the other side left without a byte, as proxies
// do that only look whether somebody listens; else what the read failed with.
Task<Result<ProxyHeader>> receive_proxy_header(net::ByteStream& stream);

}  // namespace gw::web
