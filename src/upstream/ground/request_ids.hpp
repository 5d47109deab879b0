#pragma once

#include <cstdint>
#include <string_view>
#include <utility>

namespace gw::upstream {

// The id of an answer, JSON, as it was in the request: a number. Some servers answer with its
// digits as a string, which the stock clients take. Any other id stays as it is.
inline std::string_view as_asked(std::string_view id) {
    if (id.size() < 3 || id.front() != '"' || id.back() != '"') return id;
    const auto digits = id.substr(1, id.size() - 2);
    const bool is_number = digits.find_first_not_of("0123456789") == digits.npos &&
                           (digits.front() != '0' || digits.size() == 1);
    return is_number ? digits : id;
}

// Ids of requests to servers without sessions. Only the id tells apart the requests that are open
// at such a server (it names subscriptions: 2026-07-28, basic/patterns/subscriptions). So all links
// of a shard share them, and no two shards have the same.
class RequestIds {
public:
    static constexpr std::uint64_t shards_max = 256;

    // `shard`: its index, below shards_max.
    explicit RequestIds(unsigned shard) : next_(shards_max + shard) {}

    // An id that was never taken before.
    std::uint64_t take() { return std::exchange(next_, next_ + shards_max); }

private:
    std::uint64_t next_;
};

}  // namespace gw::upstream
