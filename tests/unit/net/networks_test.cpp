#include "net/networks.hpp"

#include <gtest/gtest.h>

#include <array>

namespace gw {
namespace {

bool has(const std::vector<std::string>& networks, std::string_view host) {
    return net::Networks::parse(networks).value().contains(host);
}

TEST(Networks, contain_the_addresses_of_their_prefix) {
    EXPECT_TRUE(has({"169.254.0.0/16"}, "169.254.169.254"));
    EXPECT_TRUE(has({"10.1.2.3/8"}, "10.255.0.1"));
    EXPECT_FALSE(has({"169.254.0.0/16"}, "169.255.0.1"));
    EXPECT_TRUE(has({"fe80::/10"}, "febf::1"));
    EXPECT_TRUE(has({"fe80::/10"}, "fe80::1%lo"));
    EXPECT_FALSE(has({"fe80::/10"}, "fec0::1"));
    EXPECT_TRUE(has({"0.0.0.0/0"}, "8.8.8.8"));
    EXPECT_FALSE(has({"0.0.0.0/0"}, "2001:db8::1"));
    EXPECT_FALSE(has({}, "127.0.0.1"));
}

TEST(Networks, are_single_addresses_as_well) {
    EXPECT_TRUE(has({"fe80::/10", "fd00:ec2::254", "10.0.0.1"}, "fd00:ec2::254"));
    EXPECT_TRUE(has({"fe80::/10", "fd00:ec2::254", "10.0.0.1"}, "10.0.0.1"));
    EXPECT_FALSE(has({"fe80::/10", "fd00:ec2::254", "10.0.0.1"}, "10.0.0.2"));
}

TEST(Networks, see_the_address_in_another_ones_clothes) {
    EXPECT_TRUE(has({"169.254.0.0/16"}, "::ffff:169.254.169.254"));
    EXPECT_TRUE(has({"169.254.0.0/16"}, "64:ff9b::a9fe:a9fe"));
    EXPECT_FALSE(has({"169.254.0.0/16"}, "64:ff9c::a9fe:a9fe"));
}

TEST(Networks, trust_no_address_for_the_one_that_it_carries) {
    const auto has_exactly = [](const char* network, const char* address) {
        return net::Networks::parse({network}).value().has_exactly(
            boost::asio::ip::make_address(address)
        );
    };
    EXPECT_TRUE(has_exactly("127.0.0.0/8", "127.0.0.1"));
    EXPECT_TRUE(has_exactly("127.0.0.0/8", "::ffff:127.0.0.1"));
    EXPECT_TRUE(has_exactly("2001:db8::/32", "2001:db8::1"));
    // Compatible, NAT64, 6to4, Teredo, ISATAP, unspecified.
    for (const auto* address :
         {"::127.0.0.1",
          "64:ff9b::7f00:1",
          "2002:7f00:1::1",
          "2001:0:7f00:1::",
          "2001:db8::5efe:127.0.0.1",
          "0.0.0.0",
          "::"}) {
        EXPECT_TRUE(net::Networks::parse({"127.0.0.0/8"}).value().contains(address)) << address;
        EXPECT_FALSE(has_exactly("127.0.0.0/8", address)) << address;
    }
}

TEST(Networks, of_mapped_addresses_are_those_that_they_stand_for) {
    for (const auto* const network : {"::ffff:127.0.0.0/104", "::ffff:127.0.0.1"}) {
        EXPECT_TRUE(has({network}, "127.0.0.1")) << network;
        EXPECT_TRUE(has({network}, "::ffff:127.0.0.1")) << network;
        EXPECT_FALSE(has({network}, "128.0.0.1")) << network;
    }
    EXPECT_FALSE(has({"::ffff:0:0/95"}, "127.0.0.1"));
}

TEST(Networks, take_an_ipv4_address_out_of_every_form_that_carries_one) {
    struct Row {
        const char* denied;
        const char* allowed;
    };

    constexpr std::array rows{
        Row{"169.254.169.254.", "169.253.169.254."},
        Row{"[::ffff:169.254.169.254]", "[::ffff:8.8.8.8]"},
        Row{"[::169.254.169.254]", "[::8.8.8.8]"},
        Row{"[::ffff:0:169.254.169.254]", "[::ffff:0:8.8.8.8]"},
        Row{"[64:ff9b::a9fe:a9fe]", "[64:ff9b::808:808]"},
        Row{"[64:ff9b:1::a9fe:a9fe]", "[64:ff9b:1::808:808]"},
        Row{"[64:ff9b:1:a9fe:a9:fe00::]", "[64:ff9b:1:808:8:800::]"},
        Row{"[64:ff9b:1:a9:fe:a9fe::]", "[64:ff9b:1:8:8:808::]"},
        Row{"[64:ff9b:1:abcd:a9:fea9:fe00:0]", "[64:ff9b:1:abcd:8:808:800:0]"},
        Row{"[2002:a9fe:a9fe::1]", "[2002:808:808::1]"},
        Row{"[2001:0:a9fe:a9fe::f7f7:f7f7]", "[2001:0:808:808::f7f7:f7f7]"},
        Row{"[2001:0:808:808::5601:5601]", "[2001:1:a9fe:a9fe::5601:5601]"},
        Row{"[2001:db8::5efe:169.254.169.254]", "[2001:db8::5efe:8.8.8.8]"},
        Row{"[2001:db8::200:5efe:a9fe:a9fe]", "[2001:db8::300:5efe:a9fe:a9fe]"},
    };
    const auto is_denied = [](std::string_view host) {
        if (host.starts_with('[')) host = host.substr(1, host.size() - 2);
        return has({"169.254.0.0/16", "127.0.0.0/8"}, host);
    };
    for (const auto& [denied, allowed] : rows) {
        EXPECT_TRUE(is_denied(denied)) << denied;
        EXPECT_FALSE(is_denied(allowed)) << allowed;
    }
    // The network of the form itself counts as well.
    EXPECT_TRUE(has({"2002::/16"}, "2002:808:808::1"));
    EXPECT_TRUE(has({"64:ff9b::/96"}, "64:ff9b::808:808"));
    EXPECT_FALSE(has({"0.0.0.0/8"}, "::1"));
}

// Connecting to it leads to this machine.
TEST(Networks, take_the_unspecified_address_for_this_machine) {
    for (const auto* const unspecified :
         {"0.0.0.0", "::", "::ffff:0.0.0.0", "64:ff9b::", "::%1", "0", "0.0", "0x0", "00"}) {
        EXPECT_TRUE(has({"127.0.0.0/8"}, unspecified)) << unspecified;
        EXPECT_TRUE(has({"::1/128"}, unspecified)) << unspecified;
        EXPECT_FALSE(has({"10.0.0.0/8"}, unspecified)) << unspecified;
    }
    EXPECT_TRUE(has({"0.0.0.0/8"}, "0.0.0.0"));
    EXPECT_TRUE(has({"::/128"}, "::"));
}

TEST(Networks, know_the_old_ways_to_write_an_address) {
    for (const auto* const host : {"127.1", "2130706433", "0x7f000001", "0177.0.0.1", "127.0.1"}) {
        EXPECT_TRUE(has({"127.0.0.0/8"}, host)) << host;
        EXPECT_FALSE(has({"10.0.0.0/8"}, host)) << host;
    }
}

TEST(Networks, know_nothing_of_names) {
    EXPECT_FALSE(has({"0.0.0.0/0", "::/0"}, "example.com"));
    EXPECT_FALSE(has({"0.0.0.0/0", "::/0"}, ""));
}

TEST(Networks, are_refused_when_they_are_none) {
    for (const auto* const text :
         {"", "x", "10.0.0.0/33", "10.0.0/8", "fe80::/129", "10.0.0.0/", "/8"}) {
        EXPECT_FALSE(net::Networks::is_network(text)) << text;
        const auto made = net::Networks::parse({"10.0.0.0/8", text});
        ASSERT_FALSE(made) << text;
        EXPECT_EQ(made.error().text, text);
    }
}

}  // namespace
}  // namespace gw
