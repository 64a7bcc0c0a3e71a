// SPDX-License-Identifier: MIT

//! A plugin on the safe face that goes wrong in the ways a server must stand.

use bourse::*;
use std::sync::Mutex;

/// Panics in the way that its parameter says.
struct Falls;
impl Analysis for Falls {
    fn about() -> About {
        About::new("falls", "Falls").parts(Parts::SCALARS).param(Param::text("how").required())
    }
    fn create(_: Host, _: &Values<'_>) -> Result<Self> {
        Ok(Falls)
    }
    fn run(&self, call: &Call<'_>, params: &Values<'_>) -> Result<()> {
        match params.get("how")? {
            "none" => {
                let nothing: Option<i64> = None;
                call.scalar(&Field::integer("value"), nothing.unwrap())
            }
            "nested" => {
                call.ask(Query::new("candles").with("symbol", "FALLS"))?;
                Ok(())
            }
            "long" => panic!("{}", "é".repeat(5000)),
            "error" => Err(std::fmt::Error)?,
            _ => call.scalar(&Field::integer("value"), 1i64),
        }
    }
}
impl Drop for Falls {
    fn drop(&mut self) {
        panic!("in the drop of an instance");
    }
}

/// Candles without a row, or a panic.
struct Hollow;
impl Source for Hollow {
    fn about() -> About {
        About::new("hollow", "Hollow").parts(Parts::TABLES).dataset(Dataset::of(&market::CANDLES))
    }
    fn create(_: Host, _: &Values<'_>) -> Result<Self> {
        Ok(Hollow)
    }
    fn fetch(&self, call: &Call<'_>, _: &str, params: &Values<'_>) -> Result<()> {
        assert_ne!(params.get::<&str>("symbol")?, "FALLS", "asked for");
        let about = Dataset::of(&market::CANDLES);
        call.add(
            &about
                .fields()
                .iter()
                .fold(Table::new("candles", "Candles"), |table, field| table.column(field, Vec::<Value<'_>>::new())),
        )
    }
}

/// Reads every column of what it is given.
struct Reads_;
impl Analysis for Reads_ {
    fn about() -> About {
        let read = [&market::CANDLES_OPEN_TIME, &market::CANDLES_CLOSE, &market::CANDLES_CLOSED];
        About::new("reads", "Reads")
            .parts(Parts::SCALARS)
            .param(Param::of(&market::CANDLES_PARAM_SYMBOL))
            .reads(Reads::of(&market::CANDLES).columns(&read))
    }
    fn create(_: Host, _: &Values<'_>) -> Result<Self> {
        Ok(Reads_)
    }
    fn run(&self, call: &Call<'_>, params: &Values<'_>) -> Result<()> {
        let table = call.ask(Query::new("candles").with("symbol", params.get::<&str>("symbol")?))?.table(0)?;
        let (times, closes, closed) = (table.times("open_time")?, table.decimals("close")?, table.booleans("closed")?);
        let rows = times.iter().count() + closes.iter().count() + closed.iter().count();
        call.scalar(&Field::integer("cells"), rows as i64)
    }
}

/// What passes through doubles every closing price; twice the text, exactly.
struct Doubled;
impl Layer for Doubled {
    fn about() -> About {
        About::new("doubled", "Doubled").parts(Parts::TABLES).dataset(Dataset::of(&market::CANDLES))
    }
    fn create(_: Host, _: &Values<'_>) -> Result<Self> {
        Ok(Doubled)
    }
    fn fetch(&self, call: &Call<'_>, dataset: &str, params: &Values<'_>) -> Result<()> {
        let about = Dataset::of(&market::CANDLES);
        let names = about.params().iter().map(Param::name);
        let query = names.fold(Query::new(dataset), |query, name| query.with(name, params.value(name).ok()));
        let below = call.ask(query)?.table(0)?;
        let mut table = Table::new("candles", "Candles");
        for (column, field) in below.fields().enumerate() {
            let double = |value| match value {
                Value::Decimal(close) if field.name == "close" => (close + close).map_or(Value::Null, Value::Decimal),
                other => other,
            };
            table = table.column(&field, (0..below.rows()).map(|row| double(below.cell(column, row))));
        }
        call.add(&table)
    }
}

/// Not Sync: named `serial`, so the host takes turns.
struct Counts(std::cell::Cell<i64>);
impl Serializer for Counts {
    fn about() -> About {
        About::new("counts", "Counts").media_type("text/plain; charset=utf-8", "txt").parts(Parts::SCALARS)
    }
    fn create(_: Host, _: &Values<'_>) -> Result<Self> {
        Ok(Counts(std::cell::Cell::new(0)))
    }
    fn render(&self, call: &Call<'_>, _: &Values<'_>, report: Report<'_>) -> Result<()> {
        self.0.set(self.0.get() + 1);
        let mut out = call.out();
        write!(out, "{} {:?}\n", self.0.get(), report.scalars().next().map(|scalar| scalar.value))?;
        out.end()
    }
}

static BEGUN: Mutex<bool> = Mutex::new(false);
fn begin(host: Host, _: &Call<'_>) -> Result<()> {
    *BEGUN.lock().unwrap() = true;
    host.log(Level::INFO, "begun in rust", &[("minor", host.abi_minor().into())]);
    Ok(())
}
fn end() {
    assert!(!*BEGUN.lock().unwrap(), "deinit after init");
}

plugin! {
    name: "test.safe",
    version: "1.0.0",
    vendor: "Tests",
    license: "MIT",
    url: "https://example.org",
    init: begin,
    deinit: end,
    components: [analysis Falls, source Hollow, analysis Reads_, layer Doubled, serial serializer Counts],
}
