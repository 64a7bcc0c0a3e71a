//! @NAME@: a layer over a source of prices, which leaves out those below a setting. What a layer does not declare is
//! answered by the source under it.
use bourse::*;

struct @TYPE@ {
    least: Decimal,
}

impl Layer for @TYPE@ {
    fn about() -> About {
        About::new("@ID@", "@NAME@")
            .doc("Prices, without those that are too low.")
            .parts(Parts::TABLES | Parts::NOTES)
            .pure()
            .setting(Param::decimal("least").doc("What a price is at least.").default("1").bounds("0", "1000000000"))
            .dataset(Dataset::of(&market::PRICES).without(&["time"]))
    }

    fn create(_host: Host, config: &Values<'_>) -> Result<Self> {
        Ok(@TYPE@ { least: config.get("least")? })
    }

    fn fetch(&self, call: &Call<'_>, dataset: &str, params: &Values<'_>) -> Result<()> {
        let asked: Vec<&str> = params.get("symbols")?;
        // In a layer, ask goes to the source below.
        let report = call.ask(Query::new(dataset).with("symbols", asked))?;
        call.notes_of(report)?;
        let below = report.table(0)?;
        let rows = below.texts("symbol")?.iter().zip(below.decimals("price")?.iter());
        let is_kept = |price: &Option<Decimal>| price.map_or(false, |price| price >= self.least);
        let (symbols, prices): (Vec<_>, Vec<_>) = rows.filter(|(_, price)| is_kept(price)).unzip();
        if prices.len() < below.rows() {
            let text = format!("Left out: {} prices.", below.rows() - prices.len());
            call.note(Level::INFO, "left_out", &text)?;
        }
        call.add(
            &Table::new("prices", "Prices")
                .column(&Field::of(&market::PRICES_SYMBOL), symbols)
                .column(&Field::of(&market::PRICES_PRICE), &prices),
        )
    }
}

plugin! { name: "@PLUGIN@", version: "0.1.0", components: [layer @TYPE@] }

#[cfg(test)]
mod tests;
