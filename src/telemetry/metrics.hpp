#pragma once

#include "telemetry/metric_table.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <span>
#include <type_traits>
#include <utility>

namespace gw::telemetry {

// Upper bounds of the buckets of every histogram: powers of two of a microsecond, from 32 us to
// 67 s, and one bucket for all that is longer.
struct Buckets {
    static constexpr unsigned first_power = 5;
    static constexpr std::size_t count = 23;

    static constexpr std::size_t of(std::chrono::nanoseconds time) {
        constexpr std::chrono::nanoseconds least = std::chrono::microseconds(1U << first_power);
        const auto whole = static_cast<std::uint64_t>(std::max<std::int64_t>(time.count(), 1) - 1);
        const auto times_least = whole / static_cast<std::uint64_t>(least.count());
        return std::min(static_cast<std::size_t>(std::bit_width(times_least)), count - 1);
    }

    // Of all but the last.
    static constexpr std::chrono::microseconds bound(std::size_t bucket) {
        return std::chrono::microseconds(std::int64_t{1} << (bucket + first_power));
    }
};

namespace impl {

// A value, or the buckets of a histogram and the sum.
constexpr std::size_t cells_of_value(const MetricRow& row) {
    return row.type == Type::histogram ? Buckets::count + 1 : 1;
}

// The same for all values of its labels.
constexpr std::size_t cells_of(const MetricRow& row) {
    auto size = cells_of_value(row);
    for (const auto label : row.labels)
        size *= size_of(label);
    return size;
}

// Where the cells of each metric begin: those of each upstream server are in a part of their own.
struct Layout {
    std::array<std::size_t, metric_table.size()> begin{};
    std::size_t common = 0;
    std::size_t per_upstream = 0;
};

constexpr Layout layout = [] {
    Layout made;
    for (std::size_t i = 0; i < metric_table.size(); ++i) {
        const auto& row = metric_table[i];
        if (place_of(row.metric) != i) throw "the table is in another order than the metrics";
        auto& end = row.is_per_upstream() ? made.per_upstream : made.common;
        made.begin[i] = end;
        end += cells_of(row);
    }
    return made;
}();

}  // namespace impl

// Plain integers, one for each value of each metric. Each shard has its own, which only its thread
// touches; who wants to know adds copies up. A metric that is counted with other labels than its
// row in the table says does not compile.
class Metrics {
public:
    template <Metric M, typename... Values>
    void add(std::uint64_t count, Values... labels) {
        static_assert(row_of(M).type != Type::histogram);
        cell<M>(labels...) += count;
    }

    template <Metric M, typename... Values>
    void count(Values... labels) {
        add<M>(1, labels...);
    }

    template <Metric M, typename... Values>
    void set(std::uint64_t value, Values... labels) {
        static_assert(row_of(M).type != Type::histogram);
        cell<M>(labels...) = value;
    }

    template <Metric M, typename... Values>
    void observe(std::chrono::nanoseconds time, Values... labels) {
        static_assert(row_of(M).type == Type::histogram);
        observe_in(&cell<M>(labels...), time);
    }

    // The numbers of another shard.
    void add_all(const Metrics& other);

    // For who prints them: the cells of one metric, in the order of its labels' values, and of one
    // upstream server where it is counted by that.
    std::span<const std::uint64_t> cells(Metric metric, std::uint32_t upstream = 0) const;

    // What was counted of upstream servers that are no longer configured is forgotten.
    template <typename IsThere>
    void forget_upstreams(const IsThere& is_there) {
        std::erase_if(upstreams_, [&](const auto& each) { return !is_there(each.first); });
        ++round_;
    }

private:
    friend class UpstreamMetrics;

    using Common = std::array<std::uint64_t, impl::layout.common>;
    using PerUpstream = std::array<std::uint64_t, impl::layout.per_upstream>;

    template <Metric M, typename... Values>
    std::uint64_t& cell(Values... labels) {
        if constexpr (row_of(M).is_per_upstream()) {
            return of_upstream(labels...)[place<M>(labels...)];
        } else {
            return common_[place<M>(labels...)];
        }
    }

    template <Metric M, typename... Values>
    static constexpr std::size_t place(Values... labels) {
        constexpr auto& row = row_of(M);
        static_assert(row.labels == Labels{label_of<Values>...}, "these are not its labels");
        auto at = std::size_t{0};
        ((at = (at * size_of(label_of<Values>)) + place_in_part(labels)), ...);
        return impl::layout.begin[place_of(M)] + at * impl::cells_of_value(row);
    }

    static void observe_in(std::uint64_t* cells, std::chrono::nanoseconds time) {
        ++cells[Buckets::of(time)];
        cells[Buckets::count] +=
            static_cast<std::uint64_t>(std::max<std::int64_t>(time.count(), 0));
    }

    template <typename Value>
    static constexpr std::size_t place_in_part(Value value) {
        if constexpr (std::is_same_v<Value, Upstream>) {
            return 0;
        } else {
            return place_of(value);
        }
    }

    template <typename... Rest>
    PerUpstream& of_upstream(Upstream upstream, Rest... /*labels*/) {
        return upstreams_[upstream.number];
    }

    Common common_{};
    std::map<std::uint32_t, PerUpstream> upstreams_;  // By number.
    unsigned round_ = 1;                              // One more when some were forgotten.
};

// Counts what one upstream server does, for who counts there with every call: it is looked up once.
// Outlived by the Metrics, which may forget the server meanwhile.
class UpstreamMetrics {
public:
    UpstreamMetrics(Metrics& all, Upstream upstream) : all_(&all), upstream_(upstream) {}

    template <Metric M, typename... Values>
    void count(Values... labels) {
        static_assert(row_of(M).type != Type::histogram);
        ++cell<M>(labels...);
    }

    template <Metric M, typename... Values>
    void observe(std::chrono::nanoseconds time, Values... labels) {
        static_assert(row_of(M).type == Type::histogram);
        Metrics::observe_in(&cell<M>(labels...), time);
    }

private:
    template <Metric M, typename... Values>
    std::uint64_t& cell(Values... labels) {
        if (round_ != all_->round_) find();
        return (*cells_)[Metrics::place<M>(upstream_, labels...)];
    }

    void find();

    Metrics* all_;
    Upstream upstream_;
    unsigned round_ = 0;  // In which `cells_` was found.
    Metrics::PerUpstream* cells_ = nullptr;
};

}  // namespace gw::telemetry
