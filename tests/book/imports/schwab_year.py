"""The same year at Schwab, of our own making; JD1 stands for a contract that was adjusted.

Newest first.  The shares of an assignment are a plain Buy or Sell at the strike.
"""

# ruff: noqa: E501  rows are as long as they are

TEXT = """\
"Date","Action","Symbol","Description","Quantity","Price","Fees & Comm","Amount"
"08/03/2026","Credit Interest","","SCHWAB1 INT","","","","$1.23"
"07/20/2026 as of 07/17/2026","Expired","XYZ 07/17/2026 20.00 P","PUT XYZ INC $20 EXP 07/17/26","3","","",""
"07/09/2026 as of 07/08/2026","Assigned","XYZ 07/17/2026 20.00 P","PUT XYZ INC $20 EXP 07/17/26","2","","",""
"07/09/2026 as of 07/08/2026","Buy","XYZ","XYZ INC","200","$20.00","","-$4000.00"
"06/22/2026","Sell to Open","XYZ 07/17/2026 20.00 P","PUT XYZ INC $20 EXP 07/17/26","5","$0.50","$3.30","$246.70"
"05/11/2026","Sell to Open","MSFT 08/21/2026 395.00 P","PUT MICROSOFT CORP $395 EXP 08/21/26","1","$8.10","$0.66","$809.34"
"05/11/2026","Buy to Close","MSFT 05/15/2026 400.00 P","PUT MICROSOFT CORP $400 EXP 05/15/26","1","$7.20","$0.66","-$720.66"
"05/04/2026","Sell to Open","JD1 09/18/2026 62.00 P","PUT JD COM INC $62 EXP 09/18/26","1","$11.77","$0.66","$1,176.34"
"04/06/2026","Sell to Open","MSFT 05/15/2026 400.00 P","PUT MICROSOFT CORP $400 EXP 05/15/26","1","$5.00","$0.66","$499.34"
"03/30/2026 as of 03/27/2026","Expired","SPY 03/27/2026 550.00 P","PUT SPDR S&P 500 $550 EXP 03/27/26","-2","","",""
"03/30/2026 as of 03/27/2026","Expired","SPY 03/27/2026 560.00 P","PUT SPDR S&P 500 $560 EXP 03/27/26","2","","",""
"03/23/2026 as of 03/20/2026","Assigned","KO 03/20/2026 62.50 C","CALL COCA-COLA CO $62.5 EXP 03/20/26","1","","",""
"03/23/2026 as of 03/20/2026","Sell","KO","COCA-COLA CO","100","$62.50","","$6250.00"
"03/16/2026","Qualified Dividend","KO","COCA-COLA CO","","","","$53.00"
"03/02/2026","Buy to Open","SPY 03/27/2026 550.00 P","PUT SPDR S&P 500 $550 EXP 03/27/26","2","$2.05","$1.32","-$411.32"
"03/02/2026","Sell to Open","SPY 03/27/2026 560.00 P","PUT SPDR S&P 500 $560 EXP 03/27/26","2","$3.10","$1.32","$618.68"
"02/23/2026","Sell to Open","KO 03/20/2026 62.50 C","CALL COCA-COLA CO $62.5 EXP 03/20/26","1","$0.90","$0.66","$89.34"
"02/23/2026 as of 02/20/2026","Assigned","KO 02/20/2026 60.00 P","PUT COCA-COLA CO $60 EXP 02/20/26","1","","",""
"02/23/2026 as of 02/20/2026","Buy","KO","COCA-COLA CO","100","$60.00","","-$6000.00"
"01/05/2026","Sell to Open","KO 02/20/2026 60.00 P","PUT COCA-COLA CO $60 EXP 02/20/26","1","$0.85","$0.66","$84.34"
"01/02/2026","MoneyLink Transfer","","Tfr A BANK","","","","$20000.00"
"""
