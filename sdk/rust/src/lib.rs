// SPDX-License-Identifier: MIT

//! Plugins for the Bourse host in Rust, from 1.63, without a dependency.
//!
//! ```
//! use bourse::*;
//!
//! struct Spread;
//!
//! const SPREAD: Field = Field::decimal("spread", 8).label("Spread").unit("{quote}");
//!
//! impl Analysis for Spread {
//!     fn about() -> About {
//!         About::new("spread", "Bid-ask spread")
//!             .parts(Parts::SCALARS)
//!             .pure()
//!             .param(Param::text("symbol").required().bounds("1", "40"))
//!             .reads(Reads::of(&market::BOOK_TICKER).columns(&[&market::BOOK_TICKER_BID, &market::BOOK_TICKER_ASK]))
//!             .scalar(SPREAD)
//!     }
//!     fn create(_host: Host, _config: &Values<'_>) -> Result<Self> {
//!         Ok(Spread)
//!     }
//!     fn run(&self, call: &Call<'_>, params: &Values<'_>) -> Result<()> {
//!         let symbol: &str = params.get("symbol")?;
//!         let report = call.ask(Query::new("book_ticker").with("symbols", vec![symbol]))?;
//!         let book = report.table(0)?;
//!         if let (Some(bid), Some(ask)) = (book.decimals("bid")?.get(0), book.decimals("ask")?.get(0)) {
//!             call.scalar(&SPREAD, (ask - bid)?)?;
//!         }
//!         Ok(())
//!     }
//! }
//!
//! plugin! { name: "acme.spread", version: "1.0.0", components: [analysis Spread] }
//! ```
//!
//! A component is a type that implements [`Analysis`], [`Source`], [`Layer`] or [`Serializer`]; [`plugin!`] names those
//! of a library and exports the one symbol that the host looks for. Failing is `Err`: [`Error`] carries the status, the
//! code and the sentence that the client sees, and `?` passes on what a query or the host has refused. A panic costs
//! its request only: the client reads 500 `plugin_panicked`, the log has the message and the place.
//!
//! Numbers that later hosts may extend ([`Type`], [`Role`], [`ChartKind`], [`Level`], [`Status`]) are numbers with
//! names, not enums. A [`Call`] stays on its thread; [`Host`] and [`Clock`] go anywhere.
//!
//! [`sys`] is the contract itself, for what this face does not cover (the interfaces of `bourse/ext/`).
//! The feature `testing` brings a fake host for unit tests.
#![deny(unsafe_op_in_unsafe_fn)]

#[cfg(panic = "abort")]
compile_error!("panic = \"abort\" would end the host with the plugin: build with panic = \"unwind\"");

mod call;
mod chart;
mod component;
mod decimal;
mod declare;
mod describe;
mod error;
mod guard;
mod numbers;
mod plugin;
mod query;
mod report;
pub mod sys;
mod table;
#[cfg(any(test, feature = "testing"))]
pub mod testing;
mod time;
mod value;
mod wire;

pub use call::{Call, Clock, Host, Out, Page};
pub use chart::Chart;
pub use component::{Analysis, Layer, Serializer, Source};
pub use decimal::{Decimal, DecimalError, Rounding};
pub use declare::{About, Dataset, Field, Param, Reads};
pub use error::{Error, Result};
pub use numbers::{ChartKind, Level, Parts, Role, Status, Type};
pub use query::Query;
pub use report::{ChartView, Column, Data, Failure, NoteView, Report, ScalarView, TableView};
pub use sys::market;
pub use table::{Begun, Table};
pub use time::Time;
pub use value::{FromValue, Value, Values};

#[doc(hidden)]
pub use component::{
    analysis, layer, serial_analysis, serial_layer, serial_serializer, serial_source, serializer, source,
};
#[doc(hidden)]
pub use plugin::{begin, describe, end, PluginInfo};
