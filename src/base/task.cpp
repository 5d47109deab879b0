#include "base/task.hpp"

#include <array>
#include <new>

namespace gw::impl {

namespace {

#if defined(__SANITIZE_ADDRESS__) || __has_feature(address_sanitizer) || \
    __has_feature(thread_sanitizer)
constexpr bool keeps_frames = false;  // Else a use after free would go unseen.
#else
constexpr bool keeps_frames = true;
#endif

constexpr std::size_t step = 64;
constexpr std::size_t classes = 128;  // Frames up to 8 KiB are kept,
constexpr unsigned kept_max = 64;     // that many of each size.

struct FreeFrame {
    FreeFrame* next;
};

struct FreeList {
    FreeFrame* first = nullptr;
    unsigned count = 0;
};

struct FreeLists {
    std::array<FreeList, classes> of_class;

    ~FreeLists() {
        for (auto& list : of_class) {
            while (auto* frame = list.first) {
                list.first = frame->next;
                ::operator delete(frame);
            }
        }
    }
};

thread_local FreeLists free_lists;

std::size_t class_of(std::size_t size) {
    return (size + step - 1) / step - 1;
}

}  // namespace

void* allocate_frame(std::size_t size) {
    const auto index = class_of(size);
    if (!keeps_frames || index >= classes) return ::operator new(size);
    auto& list = free_lists.of_class[index];
    if (list.first == nullptr) return ::operator new((index + 1) * step);
    --list.count;
    return std::exchange(list.first, list.first->next);
}

void free_frame(void* frame, std::size_t size) noexcept {
    const auto index = class_of(size);
    if (!keeps_frames || index >= classes) return ::operator delete(frame);
    auto& list = free_lists.of_class[index];
    if (list.count == kept_max) return ::operator delete(frame);
    ++list.count;
    list.first = new (frame) FreeFrame{list.first};
}

}  // namespace gw::impl
