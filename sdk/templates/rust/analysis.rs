//! @NAME@: how far the price of a market has moved.
use bourse::*;

// What a report holds. A label and a unit are shown to people; a name is for programs and stays.
const ROWS: Field<'static> = Field::integer("rows").label("Candles");
const MOVED: Field<'static> = Field::real("moved").label("Moved").unit("%");

struct @TYPE@;

impl Analysis for @TYPE@ {
    fn about() -> About {
        // What it asks for: any source will do that has these columns.
        let read = [&market::CANDLES_OPEN_TIME, &market::CANDLES_CLOSE];
        About::new("@ID@", "@NAME@")
            .doc("How far the price of a market has moved.")
            .parts(Parts::SCALARS | Parts::TABLES | Parts::CHARTS | Parts::NOTES)
            .pure()
            .param(Param::text("symbol").doc("Market.").required().bounds("1", "40"))
            .param(Param::integer("limit").doc("Number of candles.").default("50").bounds("2", "1000"))
            .reads(Reads::of(&market::CANDLES).columns(&read))
            .scalar(ROWS)
            .scalar(MOVED)
            .table("closes", "Closing prices", &[Field::of(read[0]), Field::of(read[1])])
    }

    fn create(_host: Host, _config: &Values<'_>) -> Result<Self> {
        Ok(@TYPE@)
    }

    fn run(&self, call: &Call<'_>, params: &Values<'_>) -> Result<()> {
        let symbol: &str = params.get("symbol")?;
        let limit: i64 = params.get("limit")?;
        let report = call.ask(Query::new("candles").with("symbol", symbol).with("limit", limit))?;
        call.notes_of(report)?; // what the source has to say of its data
        let candles = report.table(0)?;
        let closes = candles.decimals("close")?;
        let mut known = closes.iter().flatten().map(Decimal::to_f64);
        let first = known.next();
        let last = known.last().or(first);
        // None is null: there is no answer, and 0 would be one.
        let moved = match (first, last) {
            (Some(first), Some(last)) if first != 0.0 => Some(100.0 * (last / first - 1.0)),
            _ => None,
        };
        call.scalar(&ROWS, candles.rows() as i64)?;
        call.scalar(&MOVED, moved)?;
        call.add(
            &Table::new("closes", "Closing prices")
                .column(&Field::of(&market::CANDLES_OPEN_TIME), candles.times("open_time")?)
                .column(&Field::of(&market::CANDLES_CLOSE), closes),
        )?;
        let chart = Chart::new(ChartKind::LINE, "closes", "Closing prices").of("closes");
        call.chart(&chart.channel(Role::X, "open_time").channel(Role::Y, "close"))
    }
}

plugin! { name: "@PLUGIN@", version: "0.1.0", components: [analysis @TYPE@] }

#[cfg(test)]
mod tests;
