# orrery_python_environment()
#
# Makes a virtual environment in the build tree, once per requirements file: now, at configure time,
# with what compiling needs (python/requirements-build.txt); the target orrery_python_tests_environment
# adds, at build time, what the Python tests need. Sets ORRERY_PYTHON, its interpreter, and lets
# find_package find its pybind11.
function(orrery_python_environment)
  set(environment "${CMAKE_BINARY_DIR}/python/environment")
  set(python "${environment}/bin/python")
  set(requirements "${PROJECT_SOURCE_DIR}/python/requirements-build.txt")
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS "${requirements}")
  file(SHA256 "${requirements}" wanted)
  set(stamp "${environment}/build-requirements.sha256")
  set(installed "")
  if(EXISTS "${stamp}")
    file(READ "${stamp}" installed)
  endif()
  if(NOT installed STREQUAL "${Python_EXECUTABLE} ${wanted}")
    message(STATUS "Making a Python environment: ${environment}")
    orrery_run_python(
      "there is no virtual environment without the Debian package python3-venv: scripts/setup test"
      "${Python_EXECUTABLE}" -m venv --clear "${environment}")
    orrery_run_python(
      "pip must reach PyPI or a mirror of it; -DORRERY_BUILD_PYTHON=OFF builds without Python"
      "${python}" -m pip install --quiet --disable-pip-version-check -r "${requirements}")
    file(WRITE "${stamp}" "${Python_EXECUTABLE} ${wanted}")
  endif()
  execute_process(COMMAND "${python}" -m pybind11 --cmakedir
    OUTPUT_VARIABLE pybind11_dir OUTPUT_STRIP_TRAILING_WHITESPACE COMMAND_ERROR_IS_FATAL ANY)
  set(pybind11_DIR "${pybind11_dir}" CACHE PATH "Where pybind11's CMake files are" FORCE)
  set(ORRERY_PYTHON "${python}" PARENT_SCOPE)
  set(ORRERY_PYTHON "${python}" CACHE INTERNAL "The interpreter of the build's Python environment")
endfunction()

# Runs a command; when it fails, stops with its output and `hint`.
function(orrery_run_python hint)
  execute_process(COMMAND ${ARGN} RESULT_VARIABLE result OUTPUT_VARIABLE output ERROR_VARIABLE output)
  if(NOT result EQUAL 0)
    message(FATAL_ERROR "${output}\n${hint}")
  endif()
endfunction()
