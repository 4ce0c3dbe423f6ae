function(kindred_warnings target)
  target_compile_options(${target} PRIVATE
    $<$<COMPILE_LANGUAGE:CXX>:-Wall -Wextra -Wshadow -Wconversion $<$<BOOL:${KINDRED_WERROR}>:-Werror>>)
endfunction()

# Code that computes nothing heavy (parsing, reports, tests) is built for build time.
function(kindred_light_optimisation target)
  target_compile_options(${target} PRIVATE $<$<CONFIG:Release>:-O1>)
endfunction()
