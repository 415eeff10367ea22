"""Use cases: one public function each, (shop, actor, request) to a frozen result."""
