"""The cash drawer: opened by sales, shifts and cash, opened on somebody's word, and watched."""
