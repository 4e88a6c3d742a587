"""Gates on option chains, one idea a module; `market.quality` puts them together."""
