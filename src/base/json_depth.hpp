#pragma once

// How deep arrays and objects may stand in one another; the outermost is one level.
namespace gw::json {

constexpr int depth_quick = 64;   // Levels that cost nothing to keep.
constexpr int depth_most = 4096;  // Whatever is deeper is not read at all.

// Of a message and of an entry of a list, unless an operator sets it. At least depth_quick. Few
// functions recurse over what was checked, one frame for each level, and the most bounds that; and
// a list whose entries are too deep is still read, to leave them out.
constexpr int depth_usual = 512;
constexpr int depth_settable_max = 1024;

}  // namespace gw::json
