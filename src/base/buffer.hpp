#pragma once

#include "base/assert.hpp"

#include <cstddef>
#include <cstring>
#include <memory>
#include <span>
#include <string_view>

namespace gw {

// Bytes on their way from a socket to a socket: a block that is filled at its end. Blocks of the
// usual size are recycled per thread. It moves, and what it holds does not: views stay valid
// until it grows, is compacted or is destroyed.
class Buffer {
public:
    static constexpr std::size_t usual = std::size_t{16} * 1024;

    Buffer() = default;

    Buffer(Buffer&& other) noexcept { swap(other); }

    Buffer& operator=(Buffer&& other) noexcept {
        Buffer(std::move(other)).swap(*this);
        return *this;
    }

    ~Buffer() { release(); }

    std::size_t size() const { return size_; }

    bool empty() const { return size_ == 0; }

    char* data() { return data_; }

    std::string_view view() const { return {data_, size_}; }

    // Room for at least `wanted` more bytes, to be written to and then committed.
    std::span<char> prepare(std::size_t wanted) {
        if (capacity_ - size_ < wanted) grow(wanted);
        return {data_ + size_, capacity_ - size_};
    }

    void commit(std::size_t written) {
        GW_ASSERT(written <= capacity_ - size_);
        size_ += written;
    }

    Buffer& append(std::string_view bytes) {
        if (bytes.empty()) return *this;
        std::memcpy(prepare(bytes.size()).data(), bytes.data(), bytes.size());
        size_ += bytes.size();
        return *this;
    }

    // Drops what is behind the first `size` bytes.
    void truncate(std::size_t size) {
        GW_ASSERT(size <= size_);
        size_ = size;
    }

    // Drops the first `count` bytes; moves the rest to the front.
    void consume(std::size_t count) {
        GW_ASSERT(count <= size_);
        if (count == 0) return;
        std::memmove(data_, data_ + count, size_ - count);
        size_ -= count;
    }

    // Gives the block back; the buffer is empty and owns nothing.
    void release() {
        if (data_ != nullptr) give_back();
    }

    std::size_t capacity() const { return capacity_; }

private:
    void swap(Buffer& other) noexcept {
        std::swap(data_, other.data_);
        std::swap(size_, other.size_);
        std::swap(capacity_, other.capacity_);
    }

    void grow(std::size_t wanted);
    void give_back();

    char* data_ = nullptr;
    std::size_t size_ = 0;
    std::size_t capacity_ = 0;
};

}  // namespace gw
