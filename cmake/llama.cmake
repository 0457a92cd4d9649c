# libllama, for the engine and what is tested with it; the rest of the program does without.
#   SUNMAO_LLAMA   set when it is there; targets llama and ggml::ggml to link
#   SUNMAO_VOCABS  the folder of ggml-vocab-*.gguf, "" where only the system's library is there
# The system's is taken when CMake finds it (-Dllama_DIR=... points at another), else the one that
# tools/engine.sh keeps; nothing is fetched or built here.
option(SUNMAO_CUDA "the engine computes on NVIDIA cards" OFF)
set(SUNMAO_LLAMA OFF)
set(SUNMAO_VOCABS "" CACHE PATH "tokenizers for the tests' models: ggml-vocab-*.gguf")
if(SUNMAO_FUZZ)
  return()
endif()
# What tools/engine.sh kept before may be another one by now.
if("${llama_DIR}" MATCHES "/llama-[0-9.]+-[0-9a-f]+/lib/cmake/llama$")
  unset(llama_DIR CACHE)
  unset(ggml_DIR CACHE)
  unset(llama_LIBRARY CACHE)
endif()
if(NOT SUNMAO_CUDA OR llama_DIR)
  find_package(llama CONFIG QUIET)
endif()
if(NOT CMAKE_CROSSCOMPILING)
  execute_process(COMMAND ${CMAKE_COMMAND} -E env SUNMAO_CUDA=${SUNMAO_CUDA} SUNMAO_PORTABLE=${SUNMAO_PACKAGE}
    ${CMAKE_SOURCE_DIR}/tools/engine.sh path
    OUTPUT_VARIABLE kept OUTPUT_STRIP_TRAILING_WHITESPACE RESULT_VARIABLE rc ERROR_QUIET)
  if(rc EQUAL 0)
    if(NOT llama_FOUND)
      find_package(llama CONFIG REQUIRED PATHS ${kept}/lib/cmake/llama NO_DEFAULT_PATH)
    endif()
    if(NOT SUNMAO_VOCABS)
      set(SUNMAO_VOCABS ${kept}/models)
    endif()
  endif()
endif()
file(REMOVE ${CMAKE_BINARY_DIR}/llama.found)
if(llama_FOUND)
  file(WRITE ${CMAKE_BINARY_DIR}/llama.found "${llama_DIR}") # for make engine
  enable_language(CXX) # the library is C++: its linker is
  set(SUNMAO_LLAMA ON)
else()
  message(STATUS "no engine: libllama is not there (make engine builds it)")
endif()
