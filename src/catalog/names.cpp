#include "catalog/names.hpp"

#include "base/slug.hpp"

#include <cstdint>
#include <utility>

namespace gw::catalog {

namespace {

// FNV-1a, 64 bits: the same on every machine and in every release, because names depend on it.
std::uint64_t hash(std::string_view upstream, std::string_view original) {
    std::uint64_t value = 0xcbf29ce484222325;
    const auto mix = [&value](unsigned char byte) { value = (value ^ byte) * 0x100000001b3; };
    for (const char c : upstream)
        mix(static_cast<unsigned char>(c));
    mix(0);
    for (const char c : original)
        mix(static_cast<unsigned char>(c));
    return value;
}

std::string hex(std::uint64_t value) {
    constexpr std::string_view digits = "0123456789abcdef";
    std::string text;
    for (int shift = 28; shift >= 0; shift -= 4)
        text += digits[(value >> shift) & 0xFU];
    return text;
}

// A name that ends like one of ours gets a hash of its own: else it could be that of another one.
bool looks_hashed(std::string_view name, std::string_view separator) {
    constexpr std::size_t digits = 8;
    if (name.size() <= digits) return false;
    const auto end = name.substr(name.size() - digits);
    return name.substr(0, name.size() - digits).ends_with(separator) &&
           end.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

}  // namespace

std::string hashed_name(
    std::string_view qualified, const Named& named, std::string_view separator
) {
    const auto suffix = std::string(separator) + hex(hash(named.upstream, named.original));
    return std::string(qualified.substr(0, name_size_max - suffix.size())) + suffix;
}

QualifiedName qualify(const Named& named, std::string_view separator) {
    const auto original = slugify(named.original, separator);
    auto name = slugify(named.prefix, separator) + std::string(separator) + original;
    const bool is_clear =
        !original.empty() && name.size() <= name_size_max && !looks_hashed(name, separator);
    if (is_clear) return {std::move(name), false};
    return {hashed_name(name, named, separator), true};
}

}  // namespace gw::catalog
