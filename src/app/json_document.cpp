#include "app/document.hpp"

#include <boost/json/basic_parser_impl.hpp>

#include <array>
#include <charconv>
#include <utility>

namespace gw::app {
namespace {

using boost::json::error_code;
using boost::json::string_view;

// The events of boost::json::basic_parser. It gives no positions, so it is fed line by line, and
// `line` is the one that it reads.
class Events {
public:
    static constexpr std::size_t max_object_size = file_bytes_max;
    static constexpr std::size_t max_array_size = file_bytes_max;
    static constexpr std::size_t max_key_size = file_bytes_max;
    static constexpr std::size_t max_string_size = file_bytes_max;

    explicit Events(FileReport& report) : tree_(report) {}

    bool on_document_begin(error_code&) { return true; }

    bool on_document_end(error_code&) { return true; }

    bool on_object_begin(error_code& error) { return begin(Node::Kind::map, error); }

    bool on_object_end(std::size_t, error_code&) { return end(); }

    bool on_array_begin(error_code& error) { return begin(Node::Kind::list, error); }

    bool on_array_end(std::size_t, error_code&) { return end(); }

    bool on_key_part(string_view part, std::size_t, error_code&) { return add(part); }

    bool on_key(string_view part, std::size_t, error_code&) { return add(part) && scalar(); }

    bool on_string_part(string_view part, std::size_t, error_code&) { return add(part); }

    bool on_string(string_view part, std::size_t, error_code&) { return add(part) && scalar(); }

    bool on_number_part(string_view, error_code&) { return true; }

    bool on_int64(std::int64_t value, string_view, error_code&) { return number(value); }

    bool on_uint64(std::uint64_t value, string_view, error_code&) { return number(value); }

    bool on_double(double value, string_view, error_code&) { return number(value); }

    bool on_bool(bool value, error_code&) { return add(value ? "true" : "false") && scalar(); }

    bool on_null(error_code&) {
        tree_.null(line);
        return true;
    }

    bool on_comment_part(string_view, error_code&) { return true; }

    bool on_comment(string_view, error_code&) { return true; }

    Node take() { return tree_.take(); }

    bool has_failed() const { return has_failed_; }

    int line = 1;

private:
    bool begin(Node::Kind kind, error_code& error) {
        if (tree_.begin(kind, line)) return true;
        has_failed_ = true;
        error = boost::json::error::too_deep;
        return false;
    }

    bool end() {
        tree_.end();
        return true;
    }

    bool add(string_view part) {
        text_.append(part.data(), part.size());
        return true;
    }

    bool scalar() {
        tree_.scalar(std::exchange(text_, {}), line);
        return true;
    }

    template <typename Number>
    bool number(Number value) {
        std::array<char, 32> digits{};
        const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr;
        return add({digits.data(), static_cast<std::size_t>(end - digits.data())}) && scalar();
    }

    TreeBuilder tree_;
    bool has_failed_ = false;  // The tree has reported why.
    std::string text_;         // Of the string that is being read.
};

}  // namespace

std::optional<Node> parse_json(std::string_view file, FileReport& report) {
    boost::json::parse_options options;
    options.allow_comments = true;
    options.allow_trailing_commas = true;
    // TreeBuilder refuses sooner, with a better text.
    options.max_depth = TreeBuilder::depth_max + 2;
    constexpr std::string_view mark = "\xEF\xBB\xBF";
    if (file.starts_with(mark)) file.remove_prefix(mark.size());
    const auto lines = std::string(file) + "\n";  // A comment at the end needs it.
    std::string_view text = lines;
    boost::json::basic_parser<Events> parser(options, report);
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
    if (!events.has_failed()) report.error(events.line, error.message());
    return std::nullopt;
}

}  // namespace gw::app
