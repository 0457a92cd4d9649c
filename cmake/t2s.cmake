find_path(OPENCC_INCLUDE opencc/opencc.h REQUIRED)
find_library(OPENCC_LIB opencc REQUIRED)
add_executable(make_t2s ${CMAKE_SOURCE_DIR}/tools/make_t2s.c)
target_include_directories(make_t2s PRIVATE ${OPENCC_INCLUDE})
target_link_libraries(make_t2s PRIVATE ${OPENCC_LIB})
add_custom_command(OUTPUT ${CMAKE_BINARY_DIR}/gen/t2s.inc
  COMMAND make_t2s ${CMAKE_BINARY_DIR}/gen/t2s.inc DEPENDS make_t2s)
target_sources(sm_text PRIVATE ${CMAKE_BINARY_DIR}/gen/t2s.inc)
target_include_directories(sm_text PRIVATE ${CMAKE_BINARY_DIR}/gen)
