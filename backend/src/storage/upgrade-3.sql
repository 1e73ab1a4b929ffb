-- What is asked for with every batch and for every attempt must not take a look at every fact there is.
CREATE INDEX fact_day ON fact (install) WHERE kind = 'day_started';
CREATE INDEX fact_about ON fact (attempt) WHERE attempt IS NOT NULL;
