"""The whole product under load and under kill -9."""
