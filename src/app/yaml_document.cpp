#include "app/document.hpp"
#include "app/grammar.hpp"

#include <sstream>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

namespace gw::app {
namespace {

// Stops the parser, which knows no other way, after the reason has been reported.
struct Stop {};

int line_of(const YAML::Mark& mark) {
    return mark.line + 1;
}

class Events final : public YAML::EventHandler {
public:
    explicit Events(FileReport& report) : report_(report), tree_(report) {}

    void OnDocumentStart(const YAML::Mark&) override {}

    void OnDocumentEnd() override {}

    void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
        check(mark, "", anchor);
        tree_.null(line_of(mark));
    }

    void OnAlias(const YAML::Mark& mark, YAML::anchor_t) override {
        stop(mark, "aliases are not read");
    }

    void OnScalar(
        const YAML::Mark& mark,
        const std::string& tag,
        YAML::anchor_t anchor,
        const std::string& value
    ) override {
        check(mark, tag, anchor);
        tree_.scalar(value, line_of(mark));
    }

    void OnSequenceStart(
        const YAML::Mark& mark,
        const std::string& tag,
        YAML::anchor_t anchor,
        YAML::EmitterStyle::value
    ) override {
        begin(Node::Kind::list, mark, tag, anchor);
    }

    void OnSequenceEnd() override { tree_.end(); }

    void OnMapStart(
        const YAML::Mark& mark,
        const std::string& tag,
        YAML::anchor_t anchor,
        YAML::EmitterStyle::value
    ) override {
        begin(Node::Kind::map, mark, tag, anchor);
    }

    void OnMapEnd() override { tree_.end(); }

    Node take() { return tree_.take(); }

private:
    void begin(
        Node::Kind kind, const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor
    ) {
        check(mark, tag, anchor);
        if (!tree_.begin(kind, line_of(mark))) throw Stop();
    }

    // yaml-cpp gives "?" for a plain scalar and "!" for a quoted one when no tag was written.
    void check(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor) {
        if (anchor != 0) stop(mark, "anchors are not read");
        if (!tag.empty() && tag != "?" && tag != "!") stop(mark, "tags are not read");
    }

    [[noreturn]] void stop(const YAML::Mark& mark, std::string_view text) {
        report_.error(line_of(mark), text);
        throw Stop();
    }

    FileReport& report_;
    TreeBuilder tree_;
};

}  // namespace

std::optional<Node> parse_yaml(std::string_view text, FileReport& report) {
    if (looks_like_toml(text)) {
        report.error(1, toml_is_not_read);
        return std::nullopt;
    }
    // yaml-cpp takes some control characters for the end of the file.
    if (!is_text_file(text)) {
        report.error(1, "the file is not UTF-8 text");
        return std::nullopt;
    }
    std::istringstream in{std::string(text)};
    try {
        Events events(report);
        YAML::Parser parser(in);
        if (!parser.HandleNextDocument(events)) return Node{};
        auto root = events.take();
        Events second(report);
        if (parser.HandleNextDocument(second)) {
            report.error(1, "the file has more than one document");
            return std::nullopt;
        }
        return root;
    } catch (const Stop&) {
        return std::nullopt;
    } catch (const YAML::Exception& error) {
        report.error(error.mark.is_null() ? 1 : line_of(error.mark), error.msg);
        return std::nullopt;
    }
}

}  // namespace gw::app
