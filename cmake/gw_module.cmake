find_package(Threads REQUIRED)

# Declares one module: the static library gw_<name>, alias gw::<name>.
#
#   gw_module(gateway
#     SOURCES dispatch.cpp methods/tools_call.cpp
#     USES    base mcp auth catalog)
#
# USES names the only modules whose headers this one may include; the tidy test
# reads it and fails on an include that is not covered.
#
# A module may be divided into parts, each a module <name>_<part> in a folder of its own. The whole
# has no sources then: who uses it uses all that it names.
function(gw_module name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "SOURCES;USES;PRIVATE_LIBS")
  if(NOT arg_SOURCES)
    add_library(gw_${name} INTERFACE)
    add_library(gw::${name} ALIAS gw_${name})
    list(TRANSFORM arg_USES PREPEND gw::)
    target_link_libraries(gw_${name} INTERFACE ${arg_USES})
    return()
  endif()
  add_library(gw_${name} STATIC ${arg_SOURCES})
  add_library(gw::${name} ALIAS gw_${name})
  target_include_directories(gw_${name} PUBLIC "${PROJECT_SOURCE_DIR}/src")
  gw_compile_options(gw_${name})
  list(TRANSFORM arg_USES PREPEND gw::)
  target_link_libraries(gw_${name} PUBLIC ${arg_USES} PRIVATE ${arg_PRIVATE_LIBS} Threads::Threads)
endfunction()

# What every target of ours is compiled with. Headers must compile without the precompiled one: the
# tidy preset builds so.
function(gw_compile_options target)
  target_compile_options(${target} PRIVATE
    -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Wnon-virtual-dtor -Werror "SHELL:-Xclang -fno-pch-timestamp")
  target_compile_definitions(${target} PRIVATE BOOST_ASIO_NO_DEPRECATED BOOST_ASIO_DISABLE_BOOST_COROUTINE)
  if(NOT CMAKE_CXX_CLANG_TIDY)
    if(target STREQUAL "gw_base")
      target_precompile_headers(gw_base PRIVATE "${PROJECT_SOURCE_DIR}/cmake/precompiled.hpp")
    else()
      target_precompile_headers(${target} REUSE_FROM gw_base)
    endif()
  endif()
endfunction()
