"""Where the next parks could go: what rules lots out, what each is worth, which to choose."""
