#include "telemetry/metrics_text.hpp"

#include <array>
#include <chrono>
#include <span>
#include <tuple>
#include <utility>

namespace gw::telemetry {

namespace {

constexpr std::array<std::string_view, 3> type_names{"counter", "gauge", "histogram"};

std::string_view name_of(Type type) {
    return type_names.at(place_of(type));
}

std::string_view name_of(Unit unit) {
    return unit == Unit::seconds ? "seconds" : unit == Unit::bytes ? "bytes" : "";
}

// Whole numbers, so that nothing is lost in them.
std::string seconds(std::uint64_t nanoseconds) {
    constexpr std::uint64_t per_second = 1'000'000'000;
    auto text = std::to_string(nanoseconds / per_second);
    auto fraction = std::to_string(nanoseconds % per_second + per_second).substr(1);
    fraction.erase(fraction.find_last_not_of('0') + 1);
    if (!fraction.empty()) text.append(".").append(fraction);
    return text;
}

std::string number(std::uint64_t value, Unit unit) {
    return unit == Unit::seconds ? seconds(value) : std::to_string(value);
}

std::string escaped(std::string_view value) {
    std::string text;
    for (const char c : value) {
        if (c == '\\' || c == '"') text.push_back('\\');
        text.append(c == '\n' ? std::string_view("\\n") : std::string_view(&c, 1));
    }
    return text;
}

// The labels of one value, without braces.
class LabelText {
public:
    void add(std::string_view name, std::string_view value) {
        text_.append(text_.empty() ? "" : ",").append(name);
        text_.append("=\"").append(escaped(value)).append("\"");
    }

    const std::string& text() const { return text_; }

private:
    std::string text_;
};

class Page {
public:
    Page(const Metrics& metrics, const MetricNames& names) : metrics_(metrics), names_(names) {}

    std::string text() {
        for (const auto& row : metric_table) {
            text_.append("# HELP ").append(row.name).append(" ").append(row.help);
            text_.append("\n# TYPE ").append(row.name).append(" ").append(name_of(row.type));
            text_.append("\n");
            if (!row.is_per_upstream()) {
                add(row, metrics_.cells(row.metric), {});
                continue;
            }
            for (const auto& [upstream, name] : names_.upstreams)
                add(row, metrics_.cells(row.metric, upstream), name);
        }
        return std::move(text_);
    }

private:
    using Cells = std::span<const std::uint64_t>;

    void add(const MetricRow& row, Cells cells, std::string_view upstream) {
        const auto size = impl::cells_of_value(row);
        const bool has_many = row.labels[1] != Label::none && row.type == Type::counter;
        for (std::size_t place = 0; place * size < cells.size(); ++place) {
            const auto value = cells.subspan(place * size, size);
            if (has_many && value.front() == 0) continue;
            const auto labels = labels_of(row, place, upstream);
            if (row.type == Type::histogram) {
                add_histogram(row, labels, value);
            } else {
                add_line(row.name, {}, labels, number(value.front(), row.unit));
            }
        }
    }

    // The last label counts fastest.
    LabelText labels_of(const MetricRow& row, std::size_t place, std::string_view upstream) const {
        std::array<std::size_t, std::tuple_size_v<Labels>> places{};
        for (auto i = row.labels.size(); i-- > 0;) {
            places.at(i) = place % size_of(row.labels.at(i));
            place /= size_of(row.labels.at(i));
        }
        LabelText labels;
        for (std::size_t i = 0; i < row.labels.size(); ++i) {
            const auto label = row.labels.at(i);
            if (label == Label::none) break;
            labels.add(
                telemetry::name_of(label),
                label == Label::upstream  ? std::string(upstream)
                : label == Label::version ? std::string(names_.version)
                                          : value_of(label, places.at(i))
            );
        }
        return labels;
    }

    void add_histogram(const MetricRow& row, const LabelText& labels, Cells cells) {
        std::uint64_t count = 0;
        for (std::size_t i = 0; i < Buckets::count; ++i) {
            count += cells[i];
            const std::chrono::nanoseconds bound = Buckets::bound(i);
            auto of_bucket = labels;
            of_bucket.add(
                "le",
                i + 1 == Buckets::count ? "+Inf"
                                        : seconds(static_cast<std::uint64_t>(bound.count()))
            );
            add_line(row.name, "_bucket", of_bucket, std::to_string(count));
        }
        add_line(row.name, "_sum", labels, seconds(cells[Buckets::count]));
        add_line(row.name, "_count", labels, std::to_string(count));
    }

    void add_line(
        std::string_view name,
        std::string_view suffix,
        const LabelText& labels,
        std::string_view value
    ) {
        text_.append(name).append(suffix);
        if (!labels.text().empty()) text_.append("{").append(labels.text()).append("}");
        text_.append(" ").append(value).append("\n");
    }

    const Metrics& metrics_;
    const MetricNames& names_;
    std::string text_;
};

}  // namespace

std::string metrics_text(const Metrics& metrics, const MetricNames& names) {
    return Page(metrics, names).text();
}

std::string metrics_reference() {
    std::string text = "| metric | type | unit | labels | meaning |\n|---|---|---|---|---|\n";
    for (const auto& row : metric_table) {
        std::string labels;
        for (const auto label : row.labels) {
            if (label == Label::none) break;
            labels.append(labels.empty() ? "`" : ", `")
                .append(telemetry::name_of(label))
                .append("`");
        }
        text.append("| `").append(row.name).append("` | ").append(name_of(row.type)).append(" | ");
        text.append(name_of(row.unit)).append(" | ").append(labels).append(" | ");
        text.append(row.help).append(" |\n");
    }
    return text;
}

}  // namespace gw::telemetry
