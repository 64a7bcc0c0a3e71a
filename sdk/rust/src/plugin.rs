// SPDX-License-Identifier: MIT

//! A library's one symbol.

use std::ptr;
use std::sync::atomic::{AtomicPtr, Ordering};

use crate::call::{Call, Host};
use crate::describe::{kept, maybe, text};
use crate::error::Result;
use crate::guard::{guarded, guarded_quietly};
use crate::sys::*;

#[doc(hidden)]
pub struct PluginInfo {
    pub name: &'static str,
    pub version: &'static str,
    pub vendor: Option<&'static str>,
    pub license: Option<&'static str>,
    pub url: Option<&'static str>,
    pub init: Option<unsafe extern "C" fn(*const bourse_host, *mut bourse_call) -> bourse_status>,
    pub deinit: Option<unsafe extern "C" fn()>,
}

static HOST: AtomicPtr<bourse_host> = AtomicPtr::new(ptr::null_mut());

#[doc(hidden)]
pub fn describe(host: *const bourse_host, info: &PluginInfo, components: &[bourse_component]) -> *const bourse_plugin {
    HOST.store(host as *mut bourse_host, Ordering::Release);
    let pointers: Vec<*const bourse_component> = components.iter().map(|one| kept(&[*one])).collect();
    kept(&[bourse_plugin {
        abi_minor: BOURSE_TARGET_MINOR,
        name: text(info.name),
        version: text(info.version),
        vendor: maybe(info.vendor),
        license: maybe(info.license),
        url: maybe(info.url),
        built_with: maybe(option_env!("RUSTC_VERSION").or(Some("rustc"))),
        n_components: pointers.len(),
        components: kept(&pointers),
        init: info.init,
        deinit: info.deinit,
        ..bourse_plugin::NEW
    }])
}

/// # Safety
/// The host's.
#[doc(hidden)]
pub unsafe fn begin(
    host: *const bourse_host,
    call: *mut bourse_call,
    init: fn(Host, &Call<'_>) -> Result<()>,
) -> bourse_status {
    // SAFETY: the caller's promise.
    unsafe {
        guarded(host, call, || match init(Host::new(host), &Call::new(host, call)) {
            Ok(()) => BOURSE_OK,
            Err(error) => error.tell(host, call),
        })
    }
}
#[doc(hidden)]
pub fn end(deinit: fn()) {
    // SAFETY: what the entry was given, which lives as long as the library.
    unsafe { guarded_quietly(HOST.load(Ordering::Acquire), "deinit", deinit) }
}

/// The plugin: once per library.
///
/// ```ignore
/// bourse::plugin! {
///     name: "acme.trend",
///     version: env!("CARGO_PKG_VERSION"),
///     vendor: "Acme",               // this and the next four may be left out, but not change places
///     license: "MIT",
///     url: "https://example.org",
///     init: begin,                  // fn(Host, &Call<'_>) -> Result<()>: Err refuses to be loaded, and says why
///     deinit: end,                  // fn(): ends what init began
///     components: [analysis Trend, serial source Feed, layer Spare, serializer Markdown],
/// }
/// ```
#[macro_export]
macro_rules! plugin {
    (
        name: $name:expr,
        version: $version:expr,
        $(vendor: $vendor:expr,)?
        $(license: $license:expr,)?
        $(url: $url:expr,)?
        $(init: $init:expr,)?
        $(deinit: $deinit:expr,)?
        components: [$($components:tt)+] $(,)?
    ) => {
        $crate::entry!($name, $version, |host| {
            let info = $crate::PluginInfo {
                name: concat!($name),
                version: concat!($version),
                vendor: $crate::maybe!($($vendor)?),
                license: $crate::maybe!($($license)?),
                url: $crate::maybe!($($url)?),
                init: $crate::maybe!($({
                    unsafe extern "C" fn init(
                        host: *const $crate::sys::bourse_host,
                        call: *mut $crate::sys::bourse_call,
                    ) -> $crate::sys::bourse_status {
                        unsafe { $crate::begin(host, call, $init) }
                    }
                    init
                })?),
                deinit: $crate::maybe!($({
                    unsafe extern "C" fn deinit() {
                        $crate::end($deinit)
                    }
                    deinit
                })?),
            };
            $crate::describe(host, &info, &$crate::components!([] $($components)+))
        });
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! maybe {
    () => {
        None
    };
    ($given:expr) => {
        Some($given)
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! components {
    ([$($done:expr,)*]) => { [$($done,)*] };
    ([$($done:expr,)*] ,) => { [$($done,)*] };
    ([$($done:expr,)*] serial analysis $type:ty $(, $($rest:tt)*)?) => {
        $crate::components!([$($done,)* $crate::serial_analysis::<$type>(),] $($($rest)*)?) };
    ([$($done:expr,)*] serial source $type:ty $(, $($rest:tt)*)?) => {
        $crate::components!([$($done,)* $crate::serial_source::<$type>(),] $($($rest)*)?) };
    ([$($done:expr,)*] serial layer $type:ty $(, $($rest:tt)*)?) => {
        $crate::components!([$($done,)* $crate::serial_layer::<$type>(),] $($($rest)*)?) };
    ([$($done:expr,)*] serial serializer $type:ty $(, $($rest:tt)*)?) => {
        $crate::components!([$($done,)* $crate::serial_serializer::<$type>(),] $($($rest)*)?) };
    ([$($done:expr,)*] analysis $type:ty $(, $($rest:tt)*)?) => {
        $crate::components!([$($done,)* $crate::analysis::<$type>(),] $($($rest)*)?) };
    ([$($done:expr,)*] source $type:ty $(, $($rest:tt)*)?) => {
        $crate::components!([$($done,)* $crate::source::<$type>(),] $($($rest)*)?) };
    ([$($done:expr,)*] layer $type:ty $(, $($rest:tt)*)?) => {
        $crate::components!([$($done,)* $crate::layer::<$type>(),] $($($rest)*)?) };
    ([$($done:expr,)*] serializer $type:ty $(, $($rest:tt)*)?) => {
        $crate::components!([$($done,)* $crate::serializer::<$type>(),] $($($rest)*)?) };
    ([$($done:expr,)*] $($rest:tt)+) => {
        compile_error!("components: [analysis A, source B, layer C, serializer D], each with `serial` before it or not")
    };
}
