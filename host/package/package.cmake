# SPDX-License-Identifier: MIT
#
# Debian packages of what is built: bourse, the program with its plugins and service, and bourse-dev, the SDK.
# ./dev package, or `cpack -G DEB` in a build folder. What a plain installation has not stands in the components
# package and package-sdk; a plain `cmake --install` leaves them out.
set(BOURSE_PACKAGE_REVISION 1 CACHE STRING "Revision of the packages: 1 in 0.1.0-1")
set(package ${CMAKE_CURRENT_LIST_DIR})
set(bourse_docs ${CMAKE_INSTALL_DATADIR}/doc/bourse)
set(dev_docs ${CMAKE_INSTALL_DATADIR}/doc/bourse-dev)

install(FILES ${package}/bourse.service DESTINATION lib/systemd/system COMPONENT package EXCLUDE_FROM_ALL)
# Written by the program that is in the package.
foreach(completion "bash;bash-completion/completions;bourse" "zsh;zsh/vendor-completions;_bourse"
        "fish;fish/vendor_completions.d;bourse.fish")
  list(GET completion 0 shell)
  list(GET completion 1 folder)
  list(GET completion 2 name)
  install(CODE "
    set(folder \"\$ENV{DESTDIR}\${CMAKE_INSTALL_PREFIX}/${CMAKE_INSTALL_DATADIR}/${folder}\")
    file(MAKE_DIRECTORY \"\${folder}\")
    execute_process(COMMAND $<TARGET_FILE:bourse> completion ${shell} OUTPUT_FILE \"\${folder}/${name}\"
                    COMMAND_ERROR_IS_FATAL ANY)
    file(CHMOD \"\${folder}/${name}\" PERMISSIONS OWNER_READ OWNER_WRITE GROUP_READ WORLD_READ)"
    COMPONENT package EXCLUDE_FROM_ALL)
endforeach()
install(FILES ${package}/copyright DESTINATION ${bourse_docs} COMPONENT package EXCLUDE_FROM_ALL)
install(FILES config/live.yaml config/desk.yaml config/testnet.yaml config/production.yaml
        DESTINATION ${bourse_docs}/examples COMPONENT package EXCLUDE_FROM_ALL)
# Absolute: the package's prefix is /usr.
install(FILES ${package}/bourse.yaml DESTINATION /etc/bourse COMPONENT package EXCLUDE_FROM_ALL)
install(FILES ${package}/environment RENAME bourse DESTINATION /etc/default COMPONENT package EXCLUDE_FROM_ALL)
install(FILES ${package}/logrotate RENAME bourse DESTINATION /etc/logrotate.d COMPONENT package EXCLUDE_FROM_ALL)
install(DIRECTORY DESTINATION /etc/bourse/secrets COMPONENT package EXCLUDE_FROM_ALL)
install(DIRECTORY DESTINATION /var/lib/bourse COMPONENT package EXCLUDE_FROM_ALL)
install(FILES ${package}/copyright DESTINATION ${dev_docs} COMPONENT package-sdk EXCLUDE_FROM_ALL)

# Policy wants these compressed, without a name or a time in them.
function(bourse_install_compressed file folder name component)
  install(CODE "
    set(folder \"\$ENV{DESTDIR}\${CMAKE_INSTALL_PREFIX}/${folder}\")
    file(MAKE_DIRECTORY \"\${folder}\")
    execute_process(COMMAND gzip -9nc \"${file}\" OUTPUT_FILE \"\${folder}/${name}.gz\" COMMAND_ERROR_IS_FATAL ANY)
    file(CHMOD \"\${folder}/${name}.gz\" PERMISSIONS OWNER_READ OWNER_WRITE GROUP_READ WORLD_READ)"
    COMPONENT ${component} EXCLUDE_FROM_ALL)
endfunction()
bourse_install_compressed(${package}/bourse.1 ${CMAKE_INSTALL_DATADIR}/man/man1 bourse.1 package)
bourse_install_compressed(${package}/bourse.yaml.5 ${CMAKE_INSTALL_DATADIR}/man/man5 bourse.yaml.5 package)
foreach(owner "package;${bourse_docs};bourse" "package-sdk;${dev_docs};bourse-dev")
  list(GET owner 0 component)
  list(GET owner 1 folder)
  bourse_install_compressed(${PROJECT_SOURCE_DIR}/CHANGELOG.md ${folder} changelog ${component})
  # The time is SOURCE_DATE_EPOCH's, where there is one.
  install(CODE "
    set(version ${PROJECT_VERSION}-${BOURSE_PACKAGE_REVISION})
    string(TIMESTAMP time \"%a, %d %b %Y %H:%M:%S +0000\" UTC)
    configure_file(\"${package}/changelog.in\" \"${PROJECT_BINARY_DIR}/changelog.Debian\" @ONLY)"
    COMPONENT ${component} EXCLUDE_FROM_ALL)
  bourse_install_compressed(${PROJECT_BINARY_DIR}/changelog.Debian ${folder} changelog.Debian ${component})
endforeach()

set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME bourse)
set(CPACK_PACKAGE_VENDOR "The Bourse authors")
set(CPACK_PACKAGE_CONTACT "The Bourse authors <bourse@users.noreply.github.com>")
set(CPACK_PACKAGE_HOMEPAGE_URL https://github.com/bourse/bourse)
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "")  # or the project's would stand before those of the packages
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_INSTALL_DEFAULT_DIRECTORY_PERMISSIONS
    OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ GROUP_EXECUTE WORLD_READ WORLD_EXECUTE)
set(CPACK_COMPONENTS_ALL runtime package sdk package-sdk)
set(CPACK_COMPONENT_RUNTIME_GROUP server)
set(CPACK_COMPONENT_PACKAGE_GROUP server)
set(CPACK_COMPONENT_SDK_GROUP dev)
set(CPACK_COMPONENT_PACKAGE-SDK_GROUP dev)
set(CPACK_COMPONENTS_GROUPING ONE_PER_GROUP)
set(CPACK_DEB_COMPONENT_INSTALL ON)

set(CPACK_DEBIAN_PACKAGE_RELEASE ${BOURSE_PACKAGE_REVISION})
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_COMPRESSION_TYPE xz)
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
set(CPACK_DEBIAN_SERVER_PACKAGE_NAME bourse)
set(CPACK_DEBIAN_SERVER_PACKAGE_SECTION web)
set(CPACK_DEBIAN_SERVER_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_SERVER_PACKAGE_DEPENDS adduser)
set(CPACK_DEBIAN_SERVER_PACKAGE_RECOMMENDS "ca-certificates, fonts-dejavu-core")
set(CPACK_DEBIAN_SERVER_PACKAGE_SUGGESTS "bash-completion, logrotate, nginx, prometheus")
set(CPACK_DEBIAN_SERVER_DESCRIPTION "server that answers questions about markets
Sources of data, analyses and formats are plugins; a YAML file pairs each path
with an analysis and its formats, and any analysis speaks through any format,
from any source.
.
This package has the server, its plugins, and a service for systemd. As it
comes it answers the machine itself only, with invented prices.")
set(CPACK_DEBIAN_SERVER_PACKAGE_CONTROL_EXTRA
    ${package}/conffiles ${package}/postinst ${package}/prerm ${package}/postrm)
set(CPACK_DEBIAN_DEV_PACKAGE_NAME bourse-dev)
set(CPACK_DEBIAN_DEV_PACKAGE_ARCHITECTURE all)
set(CPACK_DEBIAN_DEV_PACKAGE_SECTION libdevel)
set(CPACK_DEBIAN_DEV_PACKAGE_RECOMMENDS "bourse, cmake, g++")
set(CPACK_DEBIAN_DEV_DESCRIPTION "development files of plugins for bourse
One C header is the contract between the server and its plugins, with a C++
face on it and a CMake function that makes a plugin; whole projects in C++, C
and Rust to begin with are in /usr/share/bourse/examples.")
include(CPack)
