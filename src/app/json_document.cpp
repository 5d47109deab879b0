#include "app/document.hpp"

#include <boost/json/basic_parser_impl.hpp>

#include <array>
#include <charconv>
#include <utility>

namespace gw::app {
namespace {

using boost::json::error_code;
using boost::json::string_view;

constexpr std::size_t skipped_depth_max = 4096;  // The parser takes stack for each level.

// The events of boost::json::basic_parser. It gives no positions, so it is fed line by line, and
// `line` is the one that it reads.
class Events {
public:
    static constexpr std::size_t max_object_size = foreign_file_bytes_max;
    static constexpr std::size_t max_array_size = foreign_file_bytes_max;
    static constexpr std::size_t max_key_size = foreign_file_bytes_max;
    static constexpr std::size_t max_string_size = foreign_file_bytes_max;

    Events(FileReport& report, Wanted* is_wanted) : tree_(report), is_wanted_(is_wanted) {}

    bool on_document_begin(error_code&) { return true; }

    bool on_document_end(error_code&) { return true; }

    bool on_object_begin(error_code& error) { return begin(Node::Kind::map, error); }

    bool on_object_end(std::size_t, error_code&) { return end(); }

    bool on_array_begin(error_code& error) { return begin(Node::Kind::list, error); }

    bool on_array_end(std::size_t, error_code&) { return end(); }

    bool on_key_part(string_view part, std::size_t, error_code&) { return add(part); }

    bool on_key(string_view part, std::size_t, error_code&) { return add(part) && key(); }

    bool on_string_part(string_view part, std::size_t, error_code&) { return add(part); }

    bool on_string(string_view part, std::size_t, error_code&) { return add(part) && scalar(); }

    bool on_number_part(string_view, error_code&) { return true; }

    bool on_int64(std::int64_t value, string_view, error_code&) { return number(value); }

    bool on_uint64(std::uint64_t value, string_view, error_code&) { return number(value); }

    bool on_double(double value, string_view, error_code&) { return number(value); }

    bool on_bool(bool value, error_code&) { return add(value ? "true" : "false") && scalar(); }

    bool on_null(error_code&) {
        if (!is_skipping()) tree_.null(line);
        return value_ended();
    }

    bool on_comment_part(string_view, error_code&) { return true; }

    bool on_comment(string_view, error_code&) { return true; }

    Node take() { return tree_.take(); }

    bool has_failed() const { return has_failed_; }

    int line = 1;

private:
    bool is_skipping() const { return skipped_in_.has_value(); }

    bool begin(Node::Kind kind, error_code& error) {
        ++depth_;
        if (is_skipping()) return true;
        path_.emplace_back();
        if (tree_.begin(kind, line)) return true;
        has_failed_ = true;
        error = boost::json::error::too_deep;
        return false;
    }

    bool end() {
        --depth_;
        if (!is_skipping()) {
            tree_.end();
            path_.pop_back();
        }
        return value_ended();
    }

    // The value of a key that is not wanted ends where its map goes on.
    bool value_ended() {
        if (skipped_in_ == depth_) skipped_in_.reset();
        return true;
    }

    bool add(string_view part) {
        if (!is_skipping()) text_.append(part.data(), part.size());
        return true;
    }

    bool key() {
        if (is_skipping()) return true;
        path_.back() = std::exchange(text_, {});
        if (is_wanted_ != nullptr && !is_wanted_(path_)) {
            skipped_in_ = depth_;
        } else {
            tree_.scalar(path_.back(), line);
        }
        return true;
    }

    bool scalar() {
        if (!is_skipping()) tree_.scalar(std::exchange(text_, {}), line);
        return value_ended();
    }

    template <typename Number>
    bool number(Number value) {
        std::array<char, 32> digits{};
        const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr;
        return add({digits.data(), static_cast<std::size_t>(end - digits.data())}) && scalar();
    }

    TreeBuilder tree_;
    Wanted* is_wanted_;
    bool has_failed_ = false;        // The tree has reported why.
    std::string text_;               // Of the string that is being read.
    std::vector<std::string> path_;  // A key for each open map, "" for each open list.
    std::size_t depth_ = 0;          // Maps and lists that are open, those in skipped values too.
    std::optional<std::size_t> skipped_in_;  // The depth of the map whose value is skipped.
};

}  // namespace

std::optional<Node> parse_json(std::string_view file, FileReport& report, Wanted* is_wanted) {
    boost::json::parse_options options;
    options.allow_comments = true;
    options.allow_trailing_commas = true;
    // TreeBuilder refuses sooner, with a better text; what is skipped may be deeper.
    options.max_depth = skipped_depth_max;
    constexpr std::string_view mark = "\xEF\xBB\xBF";
    if (file.starts_with(mark)) file.remove_prefix(mark.size());
    const auto lines = std::string(file) + "\n";  // A comment at the end needs it.
    std::string_view text = lines;
    boost::json::basic_parser<Events> parser(options, report, is_wanted);
    auto& events = parser.handler();
    error_code error;
    while (!error && !text.empty()) {
        const auto line = text.substr(0, text.find('\n') + 1);
        text.remove_prefix(line.size());
        const auto read = parser.write_some(true, line.data(), line.size(), error);
        if (!error && read < line.size()) error = boost::json::error::extra_data;
        if (!error && !text.empty()) ++events.line;
    }
    if (!error) parser.write_some(false, "", 0, error);
    if (!error) return events.take();
    if (looks_like_toml(file)) {
        report.error(1, toml_is_not_read);
    } else if (error == boost::json::error::too_deep && !events.has_failed()) {
        report.error(
            events.line, "nested over " + std::to_string(skipped_depth_max) + " deep, and not read"
        );
    } else if (!events.has_failed()) {
        report.error(events.line, error.message());
    }
    return std::nullopt;
}

}  // namespace gw::app
