#pragma once

#include "base/task.hpp"
#include "net/stream.hpp"

#include <boost/asio/error.hpp>
#include <boost/asio/socket_base.hpp>

namespace gw::net::impl {

// co_await Ready(socket, what): waits until a socket, one that listens or connects too, is ready
// for one kind of operation.
class Ready final : public Suspension<Ready> {
public:
    Ready(Stream::Socket& socket, boost::asio::socket_base::wait_type what)
        : socket_(socket), what_(what) {}

    bool await_ready() const { return false; }

    boost::system::error_code await_resume() const { return error_; }

    void cancel() override {
        boost::system::error_code ignored;
        socket_.cancel(ignored);
    }

private:
    friend class Suspension<Ready>;

    void start() {
        socket_.async_wait(what_, [this](boost::system::error_code error) {
            error_ = error;
            resume();
        });
    }

    void refuse() { error_ = boost::asio::error::operation_aborted; }

    Stream::Socket& socket_;
    boost::asio::socket_base::wait_type what_;
    boost::system::error_code error_;
};

}  // namespace gw::net::impl
