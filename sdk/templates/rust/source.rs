//! @NAME@: a source of prices. Each market costs one more than the one before it, from a setting on: put your own way
//! to a price here.
use bourse::*;

struct @TYPE@ {
    first: Decimal,
}

impl Source for @TYPE@ {
    fn about() -> About {
        About::new("@ID@", "@NAME@")
            .doc("Prices that are made up.")
            .parts(Parts::TABLES)
            .pure()
            // A setting of the YAML file: sources: {market: {use: ..., config: {first: "10"}}}
            .setting(Param::decimal("first").doc("Price of the first market.").default("100.00").bounds("0", "1000000"))
            // One of the well-known datasets, so every analysis of prices works with it.
            .dataset(Dataset::of(&market::PRICES).without(&["time"]))
    }

    fn create(_host: Host, config: &Values<'_>) -> Result<Self> {
        Ok(@TYPE@ { first: config.get("first")? })
    }

    fn fetch(&self, call: &Call<'_>, _dataset: &str, params: &Values<'_>) -> Result<()> {
        let symbols: Vec<&str> = params.get("symbols")?;
        let mut prices = Vec::new();
        for place in 0..symbols.len() as i64 {
            prices.push((self.first + Decimal::from(place))?);
        }
        call.as_of(call.now()?)?;
        call.add(
            &Table::new("prices", "Prices")
                .column(&Field::of(&market::PRICES_SYMBOL), symbols)
                .column(&Field::of(&market::PRICES_PRICE), &prices),
        )
    }
}

plugin! { name: "@PLUGIN@", version: "0.1.0", components: [source @TYPE@] }

#[cfg(test)]
mod tests;
