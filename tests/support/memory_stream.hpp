#pragma once

#include "async/event.hpp"
#include "net/byte_stream.hpp"
#include "net/shard.hpp"

#include <boost/asio/error.hpp>

#include <algorithm>
#include <functional>
#include <limits>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

namespace gw::test {

// What the other side of a MemoryStream has sent and taken; it outlives the stream.
struct FarSide {
    explicit FarSide(net::Shard& home) : shard(home), writable(home) {}

    net::Shard& shard;
    std::string taken;                                           // What was written to it.
    std::size_t room = std::numeric_limits<std::size_t>::max();  // It takes so much more.
    bool has_end = false;                                        // Nothing more will be.
    bool can_half_close = true;                                  // Its connection is not TLS.
    bool is_closed = false;                                      // By the near side.

    // Sends bytes, and what ends them.
    void say(std::string_view bytes) {
        unread.append(bytes);
        wake();
    }

    void leave() {
        has_left = true;
        wake();
    }

    // It has gone as a whole, after it left.
    void reset() {
        has_reset = has_left = true;
        wake();
    }

    // Takes so many bytes more.
    void take(std::size_t size) {
        room += size;
        writable.set();
    }

    std::string unread;
    bool has_left = false;
    bool has_reset = false;
    async::Event writable;
    std::move_only_function<void()> wake = [] {};
};

// A stream that is no socket: what it brings and takes is what its test lets it, and nothing moves
// but on the shard's loop.
class MemoryStream final : public net::ByteStream {
public:
    explicit MemoryStream(FarSide& far) : far_(far) {
        far_.wake = [this] { look(); };
    }

    ~MemoryStream() override {
        far_.wake = [] {};
    }

    Task<Result<void>> handshake() override { co_return Result<void>(); }

    Result<bool> write_now(std::span<std::string_view> parts) override {
        if (far_.is_closed || far_.has_reset) return std::unexpected(broken());
        std::size_t size = 0;
        for (const auto part : parts)
            size += part.size();
        const bool is_all = size <= far_.room;
        for (auto& part : parts) {
            const auto count = std::min(part.size(), far_.room);
            far_.taken.append(part.substr(0, count));
            if (far_.room != std::numeric_limits<std::size_t>::max()) far_.room -= count;
            if (!is_all) part.remove_prefix(count);
        }
        return is_all;
    }

    Task<Result<void>> wait_writable() override {
        const bool is_set = co_await far_.writable.wait();
        if (!is_set || far_.is_closed) co_return std::unexpected(broken());
        co_return Result<void>();
    }

    void end_writing() override { far_.has_end = true; }

    void cancel() override { end_read(); }

    void close() override {
        far_.is_closed = true;
        far_.writable.set();
        end_read();
    }

    net::DetachedStream detach() override { return net::DetachedStream(-1); }

    bool is_open() const override { return !far_.is_closed; }

    bool has_other_end_closed() const override { return far_.has_left; }

    bool is_quiet() override { return far_.unread.empty() && !far_.has_left; }

    bool can_half_close() const override { return far_.can_half_close; }

private:
    static Error broken() { return net::to_error(boost::asio::error::operation_aborted); }

    void begin_read(std::span<char> room) override {
        room_ = room;
        look();
    }

    void begin_reset_watch() override {
        room_ = {};
        look();
    }

    // Ends the pending read if there is something for it.
    void look() {
        if (!is_read_pending()) return;
        if (far_.has_reset) return end_read();
        if (room_.empty() || (far_.unread.empty() && !far_.has_left)) return;
        later([this] {
            const auto count = std::min(room_.size(), far_.unread.size());
            std::copy_n(far_.unread.data(), count, room_.data());
            far_.unread.erase(0, count);
            read_ended(count == 0 ? boost::asio::error::eof : boost::system::error_code(), count);
        });
    }

    void end_read() {
        if (!is_read_pending()) return;
        later([this] { read_ended(boost::asio::error::operation_aborted, 0); });
    }

    // From the loop, unless the read has ended by then.
    void later(std::move_only_function<void()> work) {
        far_.shard.submit([this, alive = std::weak_ptr(alive_), work = std::move(work)]() mutable {
            if (alive.lock() && is_read_pending()) work();
        });
    }

    FarSide& far_;
    std::span<char> room_;
    std::shared_ptr<bool> alive_ = std::make_shared<bool>();
};

}  // namespace gw::test
