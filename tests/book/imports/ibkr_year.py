"""The same year at Interactive Brokers, of our own making, as an activity statement in csv.

Trades stand by category and symbol, not in time; totals stand below each symbol and section.  JD1
stands for a contract that was adjusted: it delivers something else than 100 shares.
"""

# ruff: noqa: E501  rows are as long as they are

_TRADES = "DataDiscriminator,Asset Category,Currency,Symbol,Date/Time,Quantity,T. Price,C. Price,Proceeds,Comm/Fee,Basis,Realized P/L,MTM P/L,Code"

TEXT = f"""\
Statement,Header,Field Name,Field Value
Statement,Data,BrokerName,Interactive Brokers LLC
Statement,Data,Title,Activity Statement
Statement,Data,Period,"January 1, 2026 - August 31, 2026"
Statement,Data,WhenGenerated,"2026-09-01, 05:00:00 EDT"
Account Information,Header,Field Name,Field Value
Account Information,Data,Account,U1234567
Account Information,Data,Base Currency,USD
Net Asset Value,Header,Asset Class,Prior Total,Current Long,Current Short,Current Total,Change
Net Asset Value,Data,Cash ,0,18696.33,0,18696.33,18696.33
Cash Report,Header,Currency Summary,Currency,Total,Securities,Futures,
Cash Report,Data,Starting Cash,Base Currency Summary,0,0,0,
Cash Report,Data,Ending Cash,Base Currency Summary,18696.33,18696.33,0,
Cash Report,Data,Starting Cash,USD,0,0,0,
Cash Report,Data,Ending Cash,USD,18696.33,18696.33,0,
Open Positions,Header,DataDiscriminator,Asset Category,Currency,Symbol,Quantity,Mult,Cost Price,Cost Basis,Close Price,Value,Unrealized P/L,Code
Open Positions,Data,Summary,Stocks,USD,XYZ,200,1,20,4000,20.5,4100,100,
Open Positions,Total,,Stocks,USD,,,,,4000,,4100,100,
Open Positions,Data,Summary,Equity and Index Options,USD,JD1 18SEP26 62 P,-1,100,11.7634,-1176.34,9,-900,276.34,
Open Positions,Data,Summary,Equity and Index Options,USD,MSFT 21AUG26 395 P,-1,100,8.0934,-809.34,7,-700,109.34,
Open Positions,Total,,Equity and Index Options,USD,,,,,-1985.68,,-1600,385.68,
Trades,Header,{_TRADES}
Trades,Data,Order,Stocks,USD,KO,"2026-02-20, 16:20:00",100,60,59,-6000,0,6000,0,-100,A;O
Trades,Data,Order,Stocks,USD,KO,"2026-03-20, 16:20:00",-100,62.5,63,6250,0,-6000,250,-50,A;C
Trades,SubTotal,,Stocks,USD,KO,,0,,,250,0,0,250,-150,
Trades,Data,Order,Stocks,USD,XYZ,"2026-07-08, 16:20:00",200,20,19.5,-4000,0,4000,0,-100,A;O
Trades,SubTotal,,Stocks,USD,XYZ,,200,,,-4000,0,4000,0,-100,
Trades,Total,,Stocks,USD,,,,,,-3750,0,4000,250,-250,
Trades,Header,{_TRADES}
Trades,Data,Order,Equity and Index Options,USD,JD1 18SEP26 62 P,"2026-05-04, 10:00:00",-1,11.77,11.5,1177,-0.66,-1176.34,0,27,O
Trades,Data,Order,Equity and Index Options,USD,KO 20FEB26 60 P,"2026-01-05, 10:30:00",-1,0.85,0.8,85,-0.66,-84.34,0,5,O
Trades,Data,Trade,Equity and Index Options,USD,KO 20FEB26 60 P,"2026-01-05, 10:30:00",-1,0.85,0.8,85,-0.66,-84.34,0,5,O
Trades,Data,Order,Equity and Index Options,USD,KO 20FEB26 60 P,"2026-02-20, 16:20:00",1,0,1,0,0,84.34,0,100,A;C
Trades,Data,Order,Equity and Index Options,USD,KO 20MAR26 62.5 C,"2026-02-23, 10:00:00",-1,0.9,0.9,90,-0.66,-89.34,0,0,O
Trades,Data,Order,Equity and Index Options,USD,KO 20MAR26 62.5 C,"2026-03-20, 16:20:00",1,0,0.5,0,0,89.34,0,50,A;C
Trades,Data,Order,Equity and Index Options,USD,MSFT 15MAY26 400 P,"2026-04-06, 10:00:00",-1,5,5,500,-0.66,-499.34,0,0,O
Trades,Data,Order,Equity and Index Options,USD,MSFT 15MAY26 400 P,"2026-05-11, 11:00:00",1,7.2,7.2,-720,-0.66,499.34,-221.32,0,C
Trades,Data,Order,Equity and Index Options,USD,MSFT 21AUG26 395 P,"2026-05-11, 11:00:00",-1,8.1,8.1,810,-0.66,-809.34,0,0,O
Trades,Data,Order,Equity and Index Options,USD,SPY 27MAR26 550 P,"2026-03-02, 10:00:00",2,2.05,2,-410,-1.32,411.32,0,-10,O
Trades,Data,Order,Equity and Index Options,USD,SPY 27MAR26 550 P,"2026-03-27, 16:20:00",-2,0,0,0,0,-411.32,-411.32,0,C;Ep
Trades,Data,Order,Equity and Index Options,USD,SPY 27MAR26 560 P,"2026-03-02, 10:00:00",-2,3.1,3,620,-1.32,-618.68,0,20,O
Trades,Data,Order,Equity and Index Options,USD,SPY 27MAR26 560 P,"2026-03-27, 16:20:00",2,0,0,0,0,618.68,618.68,0,C;Ep
Trades,Data,Order,Equity and Index Options,USD,XYZ 17JUL26 20 P,"2026-06-22, 10:00:00",-5,0.5,0.5,250,-3.3,-246.7,0,0,O;P
Trades,Data,Order,Equity and Index Options,USD,XYZ 17JUL26 20 P,"2026-07-08, 16:20:00",2,0,0.5,0,0,98.68,0,100,A;C
Trades,Data,Order,Equity and Index Options,USD,XYZ 17JUL26 20 P,"2026-07-17, 16:20:00",3,0,0,0,0,148.02,148.02,0,C;Ep
Trades,Total,,Equity and Index Options,USD,,,,,,2402,-9.9,-1985.68,134.06,297,
Deposits & Withdrawals,Header,Currency,Settle Date,Description,Amount
Deposits & Withdrawals,Data,USD,2026-01-02,Electronic Fund Transfer,20000
Deposits & Withdrawals,Data,Total,,,20000
Dividends,Header,Currency,Date,Description,Amount
Dividends,Data,USD,2026-03-16,KO(US1912161007) Cash Dividend USD 0.53 per Share (Ordinary Dividend),53
Dividends,Data,Total,,,53
Interest,Header,Currency,Date,Description,Amount
Interest,Data,USD,2026-08-03,USD Credit Interest for Jul-2026,1.23
Interest,Data,Total,,,1.23
Financial Instrument Information,Header,Asset Category,Symbol,Description,Conid,Security ID,Underlying,Listing Exch,Multiplier,Type,Code
Financial Instrument Information,Data,Stocks,KO,COCA-COLA CO/THE,8894,US1912161007,KO,NYSE,1,COMMON,
Financial Instrument Information,Header,Asset Category,Symbol,Description,Conid,Underlying,Listing Exch,Multiplier,Expiry,Delivery Month,Type,Strike,Code
Financial Instrument Information,Data,Equity and Index Options,KO    260220P00060000,KO 20FEB26 60 P,1,KO,CBOE,100,2026-02-20,2026-02,P,60,
Financial Instrument Information,Data,Equity and Index Options,JD1   260918P00062000,JD1 18SEP26 62 P,2,JD,CBOE,100,2026-09-18,2026-09,P,62,
Codes,Header,Code,Meaning,Code (Cont.),Meaning (Cont.)
Codes,Data,A,Assignment,O,Opening Trade
"""
