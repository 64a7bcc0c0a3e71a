// SPDX-License-Identifier: MIT

//! A complete analysis in Rust: how much a market's price changed from one candle to the next.
use bourse::*;

const CHANGE: Field<'static> = Field::real("change").label("Change").unit("%");
const TOTAL: Field<'static> = Field::real("total").label("Change over all").unit("%");
const RISING: Field<'static> = Field::integer("rising").label("Rising candles");

/// In percent; none if one of the prices is missing or the first is zero.
fn change(before: Option<Decimal>, now: Option<Decimal>) -> Option<f64> {
    let (before, now) = (before?.to_f64(), now?.to_f64());
    Some(100.0 * (now / before - 1.0)).filter(|_| before != 0.0)
}

struct Returns;
impl Analysis for Returns {
    fn about() -> About {
        let read = [&market::CANDLES_OPEN_TIME, &market::CANDLES_CLOSE];
        About::new("returns", "Returns")
            .doc("How much the price changed from one candle to the next.")
            .parts(Parts::SCALARS | Parts::TABLES | Parts::CHARTS)
            .pure()
            .param(Param::of(&market::CANDLES_PARAM_SYMBOL))
            .param(Param::of(&market::CANDLES_PARAM_INTERVAL))
            .param(Param::integer("limit").doc("Number of candles, the newest.").default("100").bounds("2", "5000"))
            .reads(Reads::of(&market::CANDLES).columns(&read))
            .scalar(TOTAL)
            .scalar(RISING)
            .table("returns", "Returns", &[Field::of(read[0]), Field::of(read[1]), CHANGE])
    }
    fn create(_host: Host, _config: &Values<'_>) -> Result<Self> {
        Ok(Returns)
    }
    fn run(&self, call: &Call<'_>, params: &Values<'_>) -> Result<()> {
        let asked = ["symbol", "interval", "limit"].iter();
        let query = asked.fold(Query::new("candles"), |query, name| query.with(name, params.value(name).ok()));
        let candles = call.ask(query)?.table(0)?;
        let closes = candles.decimals("close")?;
        let before = |row: usize| row.checked_sub(1).and_then(|before| closes.get(before));
        let changes: Vec<_> = (0..closes.len()).map(|row| change(before(row), closes.get(row))).collect();
        call.scalar(&TOTAL, change(closes.get(0), before(closes.len())))?;
        call.scalar(&RISING, changes.iter().flatten().filter(|change| **change > 0.0).count() as i64)?;
        call.add(
            &Table::new("returns", "Returns")
                .column(&Field::of(&market::CANDLES_OPEN_TIME), candles.times("open_time")?)
                .column(&Field::of(&market::CANDLES_CLOSE), closes)
                .column(&CHANGE, &changes),
        )?;
        let chart = Chart::new(ChartKind::BAR, "returns", "Returns").of("returns");
        call.chart(&chart.channel(Role::X, "open_time").channel(Role::Y, "change"))
    }
}

plugin! { name: "example.returns", version: "1.0.0", license: "MIT", components: [analysis Returns] }
