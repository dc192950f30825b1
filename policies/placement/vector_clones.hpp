#pragma once

/// Compiles a function for several vector widths and picks one when the program starts. For loops
/// that treat each element by itself: with contraction off (see cmake/OrreryOptions.cmake) every
/// width gives the same bits. Clang before 15 and the sanitizers cannot do this.
#if defined(__GNUC__) && !defined(__clang__) && defined(__x86_64__) && \
    !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
#define ORRERY_VECTOR_CLONES __attribute__((target_clones("default", "avx2")))
#else
#define ORRERY_VECTOR_CLONES
#endif
