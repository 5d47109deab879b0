#include "base/buffer.hpp"

#include <algorithm>
#include <array>

namespace gw {

namespace {

constexpr std::size_t kept_max = 64;  // A megabyte a thread.

struct Blocks {
    std::array<char*, kept_max> free{};
    std::size_t count = 0;

    ~Blocks() {
        while (count > 0)
            delete[] free.at(--count);
    }
};

thread_local Blocks blocks;

char* take_block() {
    if (blocks.count > 0) return blocks.free[--blocks.count];
    return new char[Buffer::usual];
}

void give_block(char* block) {
    if (blocks.count == kept_max) {
        delete[] block;
        return;
    }
    blocks.free[blocks.count++] = block;
}

}  // namespace

void Buffer::give_back() {
    if (capacity_ == usual) {
        give_block(data_);
    } else {
        delete[] data_;
    }
    data_ = nullptr;
    size_ = 0;
    capacity_ = 0;
}

void Buffer::grow(std::size_t wanted) {
    if (capacity_ == 0 && wanted <= usual) {  // So nearly every buffer begins.
        data_ = take_block();
        capacity_ = usual;
        return;
    }
    const auto needed = size_ + wanted;
    Buffer larger;
    if (needed <= usual) {
        larger.data_ = take_block();
        larger.capacity_ = usual;
    } else {
        larger.capacity_ = std::max(needed, capacity_ + capacity_ / 2);
        larger.data_ = new char[larger.capacity_];
    }
    if (size_ > 0) std::memcpy(larger.data_, data_, size_);
    larger.size_ = size_;
    swap(larger);
}

}  // namespace gw
