# tiercel_room(<name> SOURCES <files…> [DEPENDS <rooms…>] [LIBRARIES <targets…>] [PRIVATE_LIBRARIES <targets…>])
# makes the static library tiercel_<name>, known as tiercel::<name>.
function(tiercel_room name)
  cmake_parse_arguments(room "" "" "SOURCES;DEPENDS;LIBRARIES;PRIVATE_LIBRARIES" ${ARGN})
  add_library(tiercel_${name} STATIC ${room_SOURCES})
  add_library(tiercel::${name} ALIAS tiercel_${name})
  target_include_directories(tiercel_${name} PRIVATE ${CMAKE_CURRENT_SOURCE_DIR})
  target_link_libraries(tiercel_${name} PUBLIC tiercel::options ${room_LIBRARIES})
  foreach(other IN LISTS room_DEPENDS)
    target_link_libraries(tiercel_${name} PUBLIC tiercel::${other})
  endforeach()
  target_link_libraries(tiercel_${name} PRIVATE ${room_PRIVATE_LIBRARIES})
endfunction()

# tiercel_test(<name> SOURCES <files…> LINK <targets…> [LABEL <label>]) makes a GoogleTest program
# whose cases are CTest's cases.
function(tiercel_test name)
  cmake_parse_arguments(test "" "LABEL" "SOURCES;LINK" ${ARGN})
  if(NOT test_LABEL)
    set(test_LABEL unit)
  endif()
  add_executable(${name} ${test_SOURCES})
  target_link_libraries(${name} PRIVATE ${test_LINK} tiercel::options GTest::gtest_main)
  target_compile_definitions(${name} PRIVATE
    TIERCEL_TEST_DATA="${PROJECT_SOURCE_DIR}/tests/data"
    TIERCEL_SOURCE_DIR="${PROJECT_SOURCE_DIR}")
  gtest_discover_tests(${name} DISCOVERY_MODE PRE_TEST DISCOVERY_TIMEOUT 60
                       # The names of parameters are enough; values print as bytes and addresses.
                       NO_PRETTY_VALUES
                       PROPERTIES LABELS ${test_LABEL})
endfunction()
