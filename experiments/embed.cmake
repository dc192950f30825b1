# orrery_embed(OUTPUT FILES...)
#
# Writes a C++ source that holds the experiments of the library and the document's schema, so that
# the program needs no files of its own. Raw string literals, cut where compilers limit their length.
function(orrery_embed_text out path)
  file(READ "${path}" text)
  string(LENGTH "${text}" length)
  set(literal "")
  set(at 0)
  while(at LESS length)
    string(SUBSTRING "${text}" ${at} 8000 part)
    string(APPEND literal "\n    R\"orrery(${part})orrery\"")
    math(EXPR at "${at} + 8000")
  endwhile()
  set(${out} "${literal}" PARENT_SCOPE)
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS "${path}")
endfunction()

function(orrery_embed output schema)
  orrery_embed_text(schema_literal "${schema}")
  set(entries "")
  foreach(path IN LISTS ARGN)
    get_filename_component(name "${path}" NAME_WE)
    orrery_embed_text(literal "${path}")
    string(APPEND entries "    {\"${name}\",${literal}},\n")
  endforeach()
  file(CONFIGURE OUTPUT "${output}" @ONLY CONTENT
"// Made by experiments/embed.cmake from experiments/library and experiments/schema.
#include \"orrery/experiments/experiment/library.hpp\"

namespace orrery::experiments {
namespace {

constexpr LibraryEntry kLibrary[] = {
@entries@};

}  // namespace

std::span<const LibraryEntry> library() { return kLibrary; }

std::string_view document_schema() {
  return @schema_literal@;
}

}  // namespace orrery::experiments
")
endfunction()
