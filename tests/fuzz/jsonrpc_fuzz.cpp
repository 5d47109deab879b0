// Whatever a message is built from, it is valid JSON and another parser reads the same back.
#include "base/json_scanner.hpp"
#include "fuzz/json_oracle.hpp"
#include "jsonrpc/message.hpp"

#include <cstdlib>

using namespace gw;

namespace {

void require(bool holds) {
    if (!holds) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto text = fuzz::comparable(data, size);
    const bool is_text = simdjson::validate_utf8(text);
    const std::string value = json::is_valid(text) && !fuzz::may_be_too_deep(text) ? text : "0";
    simdjson::dom::parser parser;
    Buffer out;
    jsonrpc::append_error(out, value, -32603, text, value);
    require(json::is_valid(out.view()));
    const auto error = parser.parse(fuzz::readable(std::string(out.view()))).value();
    require(error["error"]["code"].get_int64().value() == -32603);
    require((error["error"]["message"].get_string().value() == text) == is_text);
    require(
        simdjson::minify(error["id"].value()) == simdjson::minify(error["error"]["data"].value())
    );
    const auto request = jsonrpc::request(value, text, value);
    require(json::is_valid(request));
    const auto read = parser.parse(fuzz::readable(request)).value();
    require((read["method"].get_string().value() == text) == is_text);
    out.release();
    jsonrpc::append_result(out, value, value);
    require(json::is_valid(out.view()));
    return 0;
}
