"""One file for each agent: a pure function from a frozen view of the market to an opinion."""
