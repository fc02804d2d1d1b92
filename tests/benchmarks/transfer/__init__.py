"""How good is a configuration that was recommended without a trial? Against random search, TPE and other ways."""
