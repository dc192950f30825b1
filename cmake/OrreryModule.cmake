# orrery_module(NAME SOURCES a.cpp ... [DEPENDS module ...] [LIBRARIES target ...])
#
# Declares the static library of one folder. Headers lie beside their sources and are included as
# "orrery/NAME/...": the module's own include root holds one link, orrery/NAME, to the folder, so a
# module sees its own headers and those of the modules that it depends on, and no others.
function(orrery_module name)
  cmake_parse_arguments(ARG "" "" "SOURCES;DEPENDS;LIBRARIES;PRIVATE_LIBRARIES" ${ARGN})
  set(root "${CMAKE_BINARY_DIR}/include/${name}")
  file(MAKE_DIRECTORY "${root}/orrery")
  file(CREATE_LINK "${CMAKE_CURRENT_SOURCE_DIR}" "${root}/orrery/${name}" SYMBOLIC)

  add_library(orrery_${name} STATIC ${ARG_SOURCES})
  add_library(orrery::${name} ALIAS orrery_${name})
  set_target_properties(orrery_${name} PROPERTIES EXPORT_NAME ${name})
  target_include_directories(orrery_${name} PUBLIC
    "$<BUILD_INTERFACE:${root}>" "$<INSTALL_INTERFACE:include>")
  list(TRANSFORM ARG_DEPENDS PREPEND orrery_)
  target_link_libraries(orrery_${name} PUBLIC orrery_options ${ARG_DEPENDS} ${ARG_LIBRARIES}
                        PRIVATE ${ARG_PRIVATE_LIBRARIES})
  set_property(GLOBAL APPEND PROPERTY ORRERY_MODULES ${name})
endfunction()
