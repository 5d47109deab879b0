#pragma once

#include <array>
#include <cstddef>
#include <memory>
#include <type_traits>
#include <utility>

namespace gw::web {

// Room in a request for what its handler keeps with it: one object, of a type that only the handler
// knows, which is destroyed with the request. It takes no memory of its own.
class Attachment {
public:
    Attachment() = default;
    Attachment(const Attachment&) = delete;
    Attachment& operator=(const Attachment&) = delete;

    ~Attachment() {
        if (destroy_ != nullptr) destroy_(place_.data());
    }

    // Once.
    template <typename T, typename... Arguments>
    T& emplace(Arguments&&... arguments) {
        static_assert(sizeof(T) <= size_max && alignof(T) <= alignof(std::max_align_t));
        auto* const made = std::construct_at(
            reinterpret_cast<T*>(place_.data()), std::forward<Arguments>(arguments)...
        );
        destroy_ = [](std::byte* place) { std::destroy_at(reinterpret_cast<T*>(place)); };
        return *made;
    }

    bool is_empty() const { return destroy_ == nullptr; }

    // What was made; T is its type.
    template <typename T>
    T& as() {
        return *std::launder(reinterpret_cast<T*>(place_.data()));
    }

    template <typename T>
    const T& as() const {
        return *std::launder(reinterpret_cast<const T*>(place_.data()));
    }

private:
    static constexpr std::size_t size_max = 96;

    void (*destroy_)(std::byte* place) = nullptr;
    alignas(std::max_align_t) std::array<std::byte, size_max> place_;
};

}  // namespace gw::web
