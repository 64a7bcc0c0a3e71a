// SPDX-License-Identifier: MIT

//! A host for unit tests: components run as in the server, through the same functions, with data and failures that the
//! test chooses. In Cargo.toml: `[dev-dependencies] bourse = {path = "...", features = ["testing"]}`.
//!
//! ```
//! use bourse::{testing, *};
//! # struct Count;
//! # impl Analysis for Count {
//! #     fn about() -> About { About::new("count", "Count").param(Param::text("symbol").required()) }
//! #     fn create(_: Host, _: &Values<'_>) -> Result<Self> { Ok(Count) }
//! #     fn run(&self, call: &Call<'_>, _: &Values<'_>) -> Result<()> {
//! #         let answer = call.ask(Query::new("candles"))?;
//! #         call.scalar(&Field::integer("rows"), answer.table(0)?.rows() as i64)
//! #     }
//! # }
//! let closes = [Decimal::from(100), Decimal::from(110)];
//! let host = testing::Host::new()
//!     .answer("candles", Table::new("candles", "").column(&Field::of(&market::CANDLES_CLOSE), &closes));
//! let made = host.run::<Count>(&[("symbol", "BTCUSDT")]).unwrap();
//! assert_eq!(made.scalar("rows"), Value::I64(2));
//! ```

mod host;
mod made;
mod params;

pub use host::{Asked, Failed, Host};
pub use made::Made;
